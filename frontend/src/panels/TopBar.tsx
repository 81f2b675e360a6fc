// The slim bar over the canvas: where one is, who else is here, and the few things one reaches for all the time.

import { useState } from "react";
import { useActions, useRead, useStudio, useUi } from "./context";
import { count, keyCap } from "./format";
import { Icon } from "./icons";
import { Button, IconButton, Segmented } from "./parts/controls";
import { Dialog } from "./parts/Dialog";

export function TopBar() {
  return (
    <header className="top">
      <Place />
      <Tools />
      <Company />
    </header>
  );
}

function Place() {
  const { name } = useStudio();
  const connected = useUi((ui) => ui.connected);
  const words = { live: "Live", waiting: "Reconnecting…", gone: "Not connected" }[connected];
  return (
    <div className="capsule place">
      <span className="mark">
        <Icon name="mark" />
      </span>
      <h1 className="place-name" title={name}>
        {name}
      </h1>
      <span className="connection" data-state={connected} role="status" title={words}>
        <span className="dot" />
        <span className={connected === "live" ? "unseen" : undefined}>{words}</span>
      </span>
    </div>
  );
}

/** The keys of a command as a title shows them. */
function useKeys(): (id: string) => string {
  const { commands } = useStudio();
  return (id) => {
    const keys = commands().find((one) => one.id === id)?.keys[0];
    return keys ? keyCap(keys).join(" ") : "";
  };
}

function Tools() {
  const studio = useStudio();
  const actions = useActions();
  const keys = useKeys();
  const lens = useUi((ui) => ui.lens);
  const mode = useUi((ui) => ui.mode);
  const selected = useUi((ui) => ui.selection);
  return (
    <div className="capsule tools" role="toolbar" aria-label="Tools">
      <IconButton icon="undo" label="Undo" keys={keys("undo")} onClick={() => void actions.undo()} />
      <IconButton icon="redo" label="Redo" keys={keys("redo")} onClick={() => void actions.redo()} />
      <span className="rule" />
      <IconButton
        icon="tidy"
        label={selected.size > 1 ? "Tidy what is selected" : "Tidy everything"}
        keys={keys("tidy")}
        onClick={() => actions.tidy([...selected])}
      />
      <IconButton
        icon="find"
        label="Find"
        keys={keys("find")}
        onClick={() => studio.setUi({ popup: { kind: "find" } })}
      />
      <span className="rule" />
      <Segmented
        label="Arrangement"
        iconsOnly
        value={lens ?? "layout"}
        onChange={(value) => void actions.setLens(value === "layout" ? null : value)}
        options={[
          { value: "layout", title: "Your layout", icon: "layout" },
          { value: "composition", title: "Map by composition", icon: "composition" },
          { value: "style", title: "Map by style", icon: "style" },
        ]}
      />
      <span className="rule" />
      <IconButton
        icon="path"
        label={mode === "path" ? "Leave path mode" : "Make a path"}
        keys={keys("path")}
        tone="path"
        pressed={mode === "path"}
        onClick={() => (mode === "path" ? actions.leavePathMode() : actions.enterPathMode())}
      />
    </div>
  );
}

function Company() {
  const studio = useStudio();
  const actions = useActions();
  const people = useRead((one) => one.presences());
  return (
    <div className="capsule company">
      {people.length > 0 && (
        <ul className="people" aria-label={`${count(people.length, "other")} here`}>
          {people.slice(0, 4).map((person) => (
            <li key={person.client} title={person.name}>
              <span className="dot" style={{ background: person.colour }} />
              <span className="person-name">{person.name}</span>
            </li>
          ))}
          {people.length > 4 && <li>+{people.length - 4}</li>}
        </ul>
      )}
      <OwnName />
      <button
        type="button"
        className="button tone-main add-pictures"
        aria-label="Add pictures"
        title="Add pictures"
        onClick={() => actions.chooseFiles()}
      >
        <Icon name="pictures" />
        <span>Add pictures</span>
      </button>
      <IconButton
        icon="help"
        label="Keyboard shortcuts"
        keys="?"
        onClick={() => studio.setUi({ popup: { kind: "shortcuts" } })}
      />
    </div>
  );
}

/** What others call whoever sits here. */
function OwnName() {
  const studio = useStudio();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const close = () => setOpen(false);
  const keep = () => {
    studio.setOwnName(text.trim());
    close();
  };
  const show = () => {
    setText(studio.ownName());
    setOpen(true);
  };
  return (
    <>
      <IconButton icon="person" label="Your name" onClick={show} />
      {open && (
        <Dialog
          title="Your name"
          size="small"
          onClose={close}
          footer={
            <Button tone="main" onClick={keep}>
              Done
            </Button>
          }
        >
          <input
            type="text"
            aria-label="Your name"
            maxLength={40}
            data-autofocus
            value={text}
            placeholder="what others here call you"
            onFocus={(event) => event.currentTarget.select()}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && keep()}
          />
          <p className="row-help">
            Others see it beside your pointer, and in the history. The page opens anew with it.
          </p>
        </Dialog>
      )}
    </>
  );
}
