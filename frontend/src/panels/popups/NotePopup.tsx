// Words on the canvas. However the window is left, they are kept; a note without words is none.

import { useEffect, useRef, useState } from "react";
import type { Point } from "../../field/host";
import type { Id } from "../../model/rows";
import { useActions, useStudio } from "../context";
import { useBoxOf } from "../making/useBoxOf";
import { Button } from "../parts/controls";
import { type Box, Dialog } from "../parts/Dialog";

export function NewNote({ at }: { at: Point }) {
  const actions = useActions();
  const [beside] = useState(() => {
    const screen = actions.view()?.toScreen(at);
    return screen ? { ...screen, width: 0, height: 0 } : null;
  });
  return <Words before="" beside={beside} onKeep={(text) => actions.addNote(at, text)} />;
}

export function WriteNote({ id }: { id: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const [before] = useState(() => studio.doc.notes.get(id)?.text ?? "");
  return <Words before={before} beside={useBoxOf(id)} onKeep={(text) => actions.writeNote(id, text)} />;
}

function Words(props: { before: string; beside: Box | null; onKeep(text: string): void }) {
  const { before, beside, onKeep } = props;
  const studio = useStudio();
  const [text, setText] = useState(before);
  const written = useRef({ text, keep: onKeep });
  written.current = { text, keep: onKeep };
  // Whatever closes it, a key, a click or another window: what was written is not lost.
  useEffect(
    () => () => {
      if (written.current.text !== before) written.current.keep(written.current.text);
    },
    [before],
  );
  const close = () => studio.setUi({ popup: null });
  return (
    <Dialog
      title="Note"
      size="small"
      beside={beside}
      onClose={close}
      footer={
        <Button tone="main" onClick={close}>
          Done
        </Button>
      }
    >
      <textarea
        aria-label="Note"
        data-autofocus
        value={text}
        rows={5}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && close()}
      />
    </Dialog>
  );
}
