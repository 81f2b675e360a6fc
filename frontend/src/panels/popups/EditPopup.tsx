// A name, written where the thing is. What it was called is selected: typing replaces it.

import { useState } from "react";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { useBoxOf } from "../making/useBoxOf";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";

export function EditPopup({ id, field }: { id: Id; field: "label" | "name" }) {
  const studio = useStudio();
  const actions = useActions();
  const value = useDoc((doc) => {
    const row = doc.find(id)?.row as Partial<Record<typeof field, string>> | undefined;
    return row?.[field] ?? "";
  });
  const [text, setText] = useState(value);
  const close = () => studio.setUi({ popup: null });
  const keep = () => {
    if (text !== value) actions.setFields(id, { [field]: text });
    close();
  };
  return (
    <Dialog
      title="Name"
      size="small"
      beside={useBoxOf(id)}
      onClose={close}
      footer={
        <Button tone="main" onClick={keep}>
          Done
        </Button>
      }
    >
      <input
        aria-label="Name"
        data-autofocus
        value={text}
        type="text"
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && keep()}
      />
    </Dialog>
  );
}
