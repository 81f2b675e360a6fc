/** The one pointer table: what a gesture on a target does in a mode. docs/pointer.md says the same, and a test compares. */

import type { Target } from "./host";

export type Gesture =
  | "rest"
  | "move"
  | "click"
  | "shift-click"
  | "double-click"
  | "right-click"
  | "drag"
  | "shift-drag"
  | "alt-drag"
  | "middle-drag"
  | "space-drag"
  | "wheel"
  | "shift-wheel"
  | "ctrl-wheel"
  | "tap"
  | "double-tap"
  | "long-press"
  | "finger-drag"
  | "pinch"
  | "drop"
  | "paste"
  | "escape";

export type On =
  | "node"
  | "handle"
  | "edge"
  | "candidate"
  | "badge"
  | "board tab"
  | "board corner"
  | "note"
  | "empty"
  | "anything";

export type Mode = "wander" | "path" | "any";

export type Action =
  | "play"
  | "scrub"
  | "select"
  | "toggle"
  | "clear"
  | "step"
  | "nothing"
  | "open"
  | "menu"
  | "move things"
  | "restyle like"
  | "connect"
  | "lasso box"
  | "lasso freehand"
  | "pan"
  | "pan sideways"
  | "zoom"
  | "more like this"
  | "spread from this"
  | "keep"
  | "open tray"
  | "move board"
  | "resize board"
  | "bring in"
  | "cancel";

export interface Rule {
  gesture: Gesture;
  on: On;
  mode: Mode;
  does: Action;
  /** What a person sees happen. */
  means: string;
}

/** Rows: gesture, target, mode, action, in words. The first row that fits counts. */
const ROWS: readonly [Gesture, On, Mode, Action, string][] = [
  ["rest", "edge", "any", "play", "After 250 ms the edge plays in its tile."],
  ["move", "edge", "any", "scrub", "Moving along a playing edge takes over its time; leaving resets it."],
  ["click", "node", "path", "step", "Adds the node to the path."],
  ["click", "edge", "path", "step", "Adds the edge to the path."],
  ["click", "anything", "path", "nothing", "Nothing: the path is not lost by a slip."],
  ["tap", "node", "path", "step", "Adds the node to the path."],
  ["tap", "edge", "path", "step", "Adds the edge to the path."],
  ["tap", "anything", "path", "nothing", "Nothing."],
  ["shift-click", "anything", "path", "nothing", "Nothing."],
  ["double-click", "anything", "path", "nothing", "Nothing: both clicks were steps."],
  ["double-tap", "anything", "path", "nothing", "Nothing: both taps were steps."],
  ["drag", "anything", "path", "pan", "Pans: nothing can be moved by accident while a path is walked."],
  ["shift-drag", "anything", "path", "pan", "Pans."],
  ["alt-drag", "anything", "path", "pan", "Pans."],
  ["click", "candidate", "wander", "more like this", "Makes more like this one."],
  ["shift-click", "candidate", "wander", "spread from this", "Spreads a contact sheet from this one."],
  ["drag", "candidate", "wander", "keep", "Drag out of the tray: keeps it as a node where it is let go."],
  ["shift-drag", "candidate", "wander", "keep", "The same."],
  ["alt-drag", "candidate", "wander", "keep", "The same."],
  ["tap", "candidate", "wander", "more like this", "Makes more like this one."],
  ["click", "badge", "wander", "open tray", "Fans out the candidates of the node."],
  ["tap", "badge", "wander", "open tray", "Fans out the candidates of the node."],
  ["click", "empty", "wander", "clear", "Selects nothing."],
  ["tap", "empty", "wander", "clear", "Selects nothing."],
  ["shift-click", "empty", "wander", "nothing", "Nothing: the selection stays."],
  ["click", "anything", "wander", "select", "Selects it alone."],
  ["tap", "anything", "wander", "select", "Selects it alone."],
  ["shift-click", "anything", "wander", "toggle", "Adds it to the selection, or takes it out."],
  [
    "double-click",
    "anything",
    "wander",
    "open",
    "Opens it: reframes a node, names a board, shows an edge's takes.",
  ],
  ["double-tap", "anything", "wander", "open", "Opens it."],
  ["right-click", "anything", "any", "menu", "The menu of what lies there."],
  ["long-press", "anything", "any", "menu", "The menu of what lies there."],
  [
    "alt-drag",
    "node",
    "wander",
    "restyle like",
    "Onto another node: restyles that one like this one. It moves nothing.",
  ],
  ["drag", "handle", "any", "connect", "Pulls a thread; over a node the morph plays; letting go keeps it."],
  ["shift-drag", "handle", "any", "connect", "The same."],
  ["alt-drag", "handle", "any", "connect", "The same."],
  ["drag", "node", "wander", "move things", "Moves it, and the selection with it. A move is only a move."],
  ["shift-drag", "node", "wander", "move things", "The same."],
  ["drag", "note", "wander", "move things", "Moves it, and the selection with it."],
  [
    "drag",
    "board tab",
    "wander",
    "move board",
    "Moves the board with what lies on it; onto a node: restyles that node like the board.",
  ],
  ["drag", "board corner", "wander", "resize board", "Resizes the board."],
  [
    "alt-drag",
    "anything",
    "wander",
    "lasso freehand",
    "Draws a line around things: selects what lies inside.",
  ],
  ["shift-drag", "anything", "wander", "lasso box", "Adds what the rectangle touches to the selection."],
  ["drag", "anything", "wander", "lasso box", "Selects what the rectangle touches."],
  ["middle-drag", "anything", "any", "pan", "Moves the view."],
  ["space-drag", "anything", "any", "pan", "Moves the view."],
  ["finger-drag", "handle", "any", "connect", "Pulls a thread."],
  ["finger-drag", "anything", "any", "pan", "Moves the view."],
  ["pinch", "anything", "any", "zoom", "Zooms to the middle of both fingers, and moves with them."],
  ["ctrl-wheel", "anything", "any", "zoom", "Zooms to the pointer (also a pinch on a trackpad, and with ⌘)."],
  ["shift-wheel", "anything", "any", "pan sideways", "Moves the view sideways."],
  ["wheel", "anything", "any", "pan", "Moves the view."],
  ["drop", "anything", "any", "bring in", "Brings in the files, their middle where they were dropped."],
  [
    "paste",
    "anything",
    "any",
    "bring in",
    "Brings in the pictures, in the middle of the view or at the pointer.",
  ],
  [
    "escape",
    "anything",
    "any",
    "cancel",
    "Takes back the gesture in progress, whatever it is; else folds away the open tray.",
  ],
];

export const POINTER: readonly Rule[] = ROWS.map(([gesture, on, mode, does, means]) => ({
  gesture,
  on,
  mode,
  does,
  means,
}));

/** What is under the pointer, in the words of the table. The inside of a board is empty canvas. */
export type Under = Target | { kind: "badge"; id: string };

export function spot(target: Under): On {
  if (!target) return "empty";
  if (target.kind !== "board") return target.kind;
  return target.part === "tab" ? "board tab" : target.part === "corner" ? "board corner" : "empty";
}

export function action(gesture: Gesture, on: On, mode: "wander" | "path"): Action {
  const rule = POINTER.find(
    (rule) =>
      rule.gesture === gesture &&
      (rule.on === on || rule.on === "anything") &&
      (rule.mode === mode || rule.mode === "any"),
  );
  return rule?.does ?? "nothing";
}

/** The table as Markdown: docs/pointer.md holds it. */
export function pointerMarkdown(): string {
  const cells = POINTER.map(({ gesture, on, mode, does, means }) => [gesture, on, mode, does, means]);
  const rows = [
    ["Gesture", "On", "Mode", "Does", "What happens"],
    ["---", "---", "---", "---", "---"],
    ...cells,
  ];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
