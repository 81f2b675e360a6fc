// What can be done with the thing under the pointer: the commands that fit it.

import { useEffect, useRef } from "react";
import type { Point, Target } from "../../field/host";
import { useActions, useStudio, useUi } from "../context";
import { keyCap } from "../format";

const CREATE = ["vary", "restyle", "mix", "animate", "loop", "spread", "connect"];
const THING = ["label", "recipe", "copy", "delete"];
/** What fits a thing, by the ids of the commands; a line between the groups. */
const FITTING: Record<NonNullable<Target>["kind"] | "canvas", string[][]> = {
  node: [CREATE, ["open", "heal", "fit"], ["board", "tidy"], THING],
  handle: [CREATE],
  edge: [["edge.play", "branch", "restyle", "open", "fit"], THING],
  candidate: [
    ["keep", "more", "spread.from", "compare"],
    ["recipe", "discard"],
  ],
  board: [["label", "fit", "tidy"], ["delete"]],
  note: [["label"], ["delete"]],
  canvas: [
    ["add", "generate", "note", "path"],
    ["tidy", "fit.all", "select.all", "find"],
    ["undo", "redo"],
    ["engines"],
  ],
};

export function ContextMenu({ target, screen }: { target: Target; screen: Point }) {
  const studio = useStudio();
  const element = useRef<HTMLDialogElement>(null);
  const actions = useActions();
  const selection = useUi((ui) => ui.selection);
  const id = target?.id ?? null;
  const ready = new Map(studio.commands().map((one) => [one.id, one]));
  const groups = FITTING[target?.kind ?? "canvas"]
    .map((ids) => ids.flatMap((one) => ready.get(one) ?? []).filter((one) => one.ready))
    .filter((group) => group.length > 0);
  useEffect(() => {
    if (id && !selection.has(id)) actions.select([id]);
  }, [actions, id, selection]);
  const close = () => studio.setUi({ popup: null });
  useEffect(() => {
    const dialog = element.current;
    if (!dialog) return;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    const settle = () => {
      const { offsetWidth, offsetHeight } = dialog;
      dialog.style.left = `${Math.max(8, Math.min(screen.x, window.innerWidth - offsetWidth - 8))}px`;
      dialog.style.top = `${Math.max(8, Math.min(screen.y, window.innerHeight - offsetHeight - 8))}px`;
    };
    settle();
    window.addEventListener("resize", settle);
    dialog.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    return () => {
      window.removeEventListener("resize", settle);
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [screen]);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const items = [...(element.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      items[(next + items.length) % items.length]?.focus();
    }
    if (event.key === "Tab") event.preventDefault();
  };
  return (
    <dialog
      ref={element}
      className="menu"
      aria-label={target ? `Menu of this ${target.kind}` : "Menu of the canvas"}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === element.current) close();
      }}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={onKeyDown}
    >
      <div role="menu" aria-label="Commands">
        {groups.map((group, place) => (
          <div key={group[0]?.id} className={place > 0 ? "menu-group" : undefined}>
            {group.map((one) => (
              <button
                key={one.id}
                type="button"
                role="menuitem"
                tabIndex={-1}
                className="menu-item"
                onClick={() => {
                  close();
                  one.run();
                }}
              >
                <span>{one.title}</span>
                {one.keys[0] && <kbd>{keyCap(one.keys[0]).join(" ")}</kbd>}
              </button>
            ))}
          </div>
        ))}
      </div>
    </dialog>
  );
}
