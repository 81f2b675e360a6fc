// Choosing a picture, or a board of pictures, whose style to take.

import { useId, useState } from "react";
import type { Id } from "../../model/rows";
import { useActions, useDoc } from "../context";
import { count } from "../format";
import { nameOf } from "../naming";
import { Button } from "../parts/controls";
import { NodePicture } from "../parts/pictures";

/** As many as fit in sight; the search finds the others. */
const SHOWN = 24;

export function StyleReference(props: { node: Id; value: Id | null; onChange(like: Id | null): void }) {
  const { node, value, onChange } = props;
  const actions = useActions();
  const search = useId();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const name = useDoc((doc) => (value ? nameOf(doc, value) : ""));
  const boards = useDoc((doc) => [...doc.boards.values()]);
  const nodes = useDoc((doc) => [...doc.nodes.keys()].filter((id) => id !== node).slice(-SHOWN));
  const sought = text.trim()
    ? actions
        .find(text)
        .filter((one) => one.kind === "node" && one.id !== node)
        .map((one) => one.id)
    : nodes.toReversed();
  const choose = (id: Id) => {
    onChange(id === value ? null : id);
    setOpen(false);
  };
  return (
    <div className="row">
      <span className="row-title">Style from a picture</span>
      <div className="style-chosen">
        {value && <Thumb id={value} />}
        <Button icon={value ? "edit" : "add"} onClick={() => setOpen(!open)}>
          {value ? name : "Choose a picture or a board"}
        </Button>
        {value && (
          <Button tone="quiet" onClick={() => onChange(null)}>
            None
          </Button>
        )}
      </div>
      {open && (
        <div className="style-list">
          <label className="unseen" htmlFor={search}>
            Find a picture
          </label>
          <input
            id={search}
            type="search"
            placeholder="Find a picture"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          {boards.map((board) => (
            <button
              key={board.id}
              type="button"
              className="style-board"
              aria-pressed={board.id === value}
              onClick={() => choose(board.id)}
            >
              <span className="swatch" style={{ background: board.colour }} />
              {board.name || "Board"}
            </button>
          ))}
          <div className="thumbs">
            {sought.slice(0, SHOWN).map((id) => (
              <button
                key={id}
                type="button"
                className="thumb"
                aria-pressed={id === value}
                onClick={() => choose(id)}
              >
                <NodePicture id={id} />
              </button>
            ))}
          </div>
          {sought.length === 0 && (
            <p className="row-help">{text ? "Nothing found" : count(0, "other picture")}</p>
          )}
        </div>
      )}
    </div>
  );
}

function Thumb({ id }: { id: Id }) {
  const colour = useDoc((doc) => doc.boards.get(id)?.colour ?? "");
  if (colour) return <span className="swatch swatch-large" style={{ background: colour }} />;
  return (
    <span className="thumb thumb-small">
      <NodePicture id={id} alt="" />
    </span>
  );
}
