// A name or a text, written where the thing is.

import { useState } from "react";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { useBoxOf } from "../making/useBoxOf";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";

export function EditPopup({ id, field }: { id: Id; field: "label" | "name" | "text" }) {
  const studio = useStudio();
  const actions = useActions();
  const value = useDoc((doc) => {
    const row = doc.find(id)?.row as Partial<Record<typeof field, string>> | undefined;
    return row?.[field] ?? "";
  });
  const [text, setText] = useState(value);
  const title = field === "text" ? "Note" : "Name";
  const close = () => studio.setUi({ popup: null });
  const keep = () => {
    if (text !== value) actions.setFields(id, { [field]: text });
    close();
  };
  const shared = { "aria-label": title, "data-autofocus": true, value: text };
  return (
    <Dialog
      title={title}
      size="small"
      beside={useBoxOf(id)}
      onClose={close}
      footer={
        <Button tone="main" onClick={keep}>
          Done
        </Button>
      }
    >
      {field === "text" ? (
        <textarea
          {...shared}
          rows={5}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && keep()}
        />
      ) : (
        <input
          {...shared}
          type="text"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && keep()}
        />
      )}
    </Dialog>
  );
}
