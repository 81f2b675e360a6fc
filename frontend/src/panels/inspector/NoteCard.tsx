// One note: its words and its colour.

import type { Id } from "../../model/rows";
import { useActions, useDoc } from "../context";
import { Button, EditableText, Section } from "../parts/controls";
import { Colours } from "./Colours";

export function NoteCard({ id }: { id: Id }) {
  const actions = useActions();
  const note = useDoc((doc) => doc.notes.get(id));
  if (!note) return null;
  return (
    <>
      <EditableText
        long
        value={note.text}
        label="Text of this note"
        placeholder="Write here"
        onCommit={(text) => actions.writeNote(id, text)}
        escKeeps
      />
      <Section title="Colour">
        <Colours value={note.colour} onChange={(colour) => actions.setFields(id, { colour })} />
      </Section>
      <div className="line">
        <Button icon="trash" tone="bad" onClick={() => actions.remove([id])}>
          Delete this note
        </Button>
      </div>
    </>
  );
}
