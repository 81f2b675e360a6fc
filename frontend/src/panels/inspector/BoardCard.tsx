// One board: its name, its colour, and its pictures as a style for others.

import { nodesOn } from "../../model/derive";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { count } from "../format";
import { Button, EditableText, Section } from "../parts/controls";
import { NodePicture } from "../parts/pictures";
import { choosePicture } from "../popups/FindPopup";
import { Colours } from "./Colours";

export function BoardCard({ id }: { id: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const board = useDoc((doc) => doc.boards.get(id));
  const inside = useDoc((doc) => {
    const row = doc.boards.get(id);
    return row ? nodesOn(doc, row).map((node) => node.id) : [];
  });
  if (!board) return null;
  return (
    <>
      <div className="title-line">
        <EditableText
          value={board.name}
          label="Name of this board"
          placeholder="Name this board"
          onCommit={(name) => actions.setFields(id, { name })}
        />
      </div>
      <Section title="Colour">
        <Colours value={board.colour} onChange={(colour) => actions.setFields(id, { colour })} />
      </Section>
      <Section title={count(inside.length, "picture")}>
        <div className="thumbs">
          {inside.slice(0, 24).map((node) => (
            <button key={node} type="button" className="thumb" onClick={() => actions.select([node])}>
              <NodePicture id={node} />
            </button>
          ))}
        </div>
        <div className="line">
          <Button icon="check" disabled={inside.length === 0} onClick={() => actions.select(inside)}>
            Select all
          </Button>
        </div>
      </Section>
      <Section title="As a style">
        <p className="facts">
          Drag this board by its tab onto a picture, or choose one, and it is restyled like this.
        </p>
        <Button
          icon="restyle"
          onClick={() =>
            choosePicture(studio, "Restyle", (node) =>
              studio.setUi({ popup: { kind: "restyle", node, like: id } }),
            )
          }
        >
          Restyle a picture like this…
        </Button>
      </Section>
      <div className="line">
        <Button icon="trash" tone="bad" onClick={() => actions.remove([id])}>
          Delete the board, keep the pictures
        </Button>
      </div>
    </>
  );
}
