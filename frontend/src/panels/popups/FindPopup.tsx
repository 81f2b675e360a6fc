// Find anything by its name, or choose a picture for something else.

import { useEffect, useId, useRef, useState } from "react";
import type { Id } from "../../model/rows";
import { type Studio, useActions, useDoc, useStudio } from "../context";
import { Icon } from "../icons";
import { Dialog } from "../parts/Dialog";
import { NodePicture } from "../parts/pictures";

interface Wish {
  title: string;
  choose(node: Id): void;
}

/** What the next window that opens is to choose a picture for. */
let wish: Wish | null = null;

/** Opens the window to choose a picture. */
export function choosePicture(studio: Studio, title: string, choose: (node: Id) => void): void {
  wish = { title, choose };
  studio.setUi({ popup: { kind: "find" } });
}

export function FindPopup() {
  const studio = useStudio();
  const actions = useActions();
  const list = useId();
  const [asked] = useState(() => wish);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const current = useRef<HTMLDivElement>(null);
  const recent = useDoc((doc) => [...doc.nodes.keys()].slice(-12));
  useEffect(() => {
    wish = null;
  }, []);
  const found = (
    text.trim()
      ? actions.find(text)
      : recent.toReversed().map((id) => ({ id, kind: "node", label: studio.doc.nodes.get(id)?.label ?? "" }))
  )
    .filter((one) => !asked || one.kind === "node")
    .slice(0, 40);
  const place = Math.min(at, found.length - 1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen stays in sight
  useEffect(() => {
    current.current?.scrollIntoView({ block: "nearest" });
  }, [place, text]);
  const close = () => studio.setUi({ popup: null });
  const choose = (id: Id) => {
    close();
    if (asked) return asked.choose(id);
    actions.select([id]);
    actions.goTo(id);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      event.preventDefault();
      setAt((place + step + found.length) % found.length);
    }
    const one = found[place];
    if (event.key === "Enter" && one) {
      event.preventDefault();
      choose(one.id);
    }
  };
  return (
    <Dialog title={asked?.title ?? "Find"} bare onClose={close} high>
      <div className="find-line">
        <Icon name="find" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={found[place] ? `${list}-${place}` : undefined}
          aria-label={asked?.title ?? "Find pictures, threads, boards, notes"}
          placeholder={asked ? `${asked.title} …` : "Find pictures, threads, boards, notes, looks …"}
          data-autofocus
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {found.length === 0 && <p className="find-nothing">Nothing is called “{text}”.</p>}
      <div className="find-list" id={list} role="listbox" aria-label="Found">
        {found.map((one, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the text field's
          <div
            key={one.id}
            ref={index === place ? current : undefined}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === place}
            className="find-one"
            onClick={() => choose(one.id)}
            onPointerMove={() => setAt(index)}
          >
            <FoundPicture id={one.id} kind={one.kind} />
            <span className="row-words">{one.label || "Untitled picture"}</span>
            <span className="kind">{KINDS[one.kind] ?? one.kind}</span>
          </div>
        ))}
      </div>
    </Dialog>
  );
}

const KINDS: Record<string, string> = { node: "picture", edge: "thread" };

function FoundPicture({ id, kind }: { id: Id; kind: string }) {
  const source = useDoc((doc) => doc.edges.get(id)?.source ?? null);
  if (kind === "node" || source) {
    return (
      <span className="thumb thumb-small">
        <NodePicture id={source ?? id} alt="" />
      </span>
    );
  }
  return (
    <span className="thumb thumb-small thumb-icon">
      <Icon name={kind === "board" ? "board" : kind === "sequence" ? "film" : "note"} />
    </span>
  );
}
