// Keys: what was pressed, as one word, to the command that it stands for now.

import type { App } from "./app";
import { commandFor } from "./commands";

/** Signs that mean the same wherever a keyboard has them, with Shift or without. */
const SIGNS = new Set(["?", "/", "+", "-", ",", "."]);
/** Where people write. */
const WRITING =
  "textarea, select, [contenteditable]:not([contenteditable=false]), [role=textbox], [role=combobox], " +
  "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=range], [type=color])";
/** What uses these keys itself while it has the focus. */
const CONTROLS =
  "button, a[href], input, summary, [role=slider], [role=menuitem], [role=menu], [role=tab], [role=option], [role=listbox]";
const OF_CONTROLS = /^(Shift\+)?(Enter|Space|Tab|Home|End|Arrow\w+)$/;

type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** Such as "Mod+Shift+Z", "Shift+1", "Space". Letters are those of the layout, digits the keys of the digit row. */
export function chordOf(event: Pressed): string {
  const { key, code } = event;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  // Shift and a digit rates, whatever sign is printed there; the rest of the row may hold a sign that we know.
  const isSign = SIGNS.has(key) && !(digit && event.shiftKey && Number(digit) <= 5);
  const letter = /^[a-z]$/i.test(key) ? key : /^Key([A-Z])$/.exec(code)?.[1];
  const base = isSign
    ? key
    : (digit ??
      (code === "Equal" && !event.shiftKey ? "=" : (letter?.toUpperCase() ?? (key === " " ? "Space" : key))));
  return [
    event.ctrlKey || event.metaKey ? "Mod" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey && !isSign ? "Shift" : "",
    base,
  ]
    .filter(Boolean)
    .join("+");
}

/** Starts to listen; returns how to stop. */
export function listen(app: App): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const chord = chordOf(event);
    const at = event.target instanceof Element ? event.target : null;
    if (at?.closest(WRITING) && !(chord === "Escape" && app.ui().popup)) return;
    if (at?.closest(CONTROLS) && OF_CONTROLS.test(chord)) return;
    const command = commandFor(app, chord);
    if (command && command.run(app) !== false) event.preventDefault();
  };
  window.addEventListener("keydown", onKey);
  return () => window.removeEventListener("keydown", onKey);
}
