// Everything a person can do by a key: one table for the keyboard, the menus and the "?" sheet.

import type { App } from "./app";
import { EDITING } from "./commands.edit";
import { LOOKING } from "./commands.look";
import { MAKING } from "./commands.make";
import { PATHS } from "./commands.path";

/**
 * Where a key counts, the narrowest first: a command of a narrower scope comes before one of a wider.
 *
 * `popup` while a window is open, alone; `connect` while a thread looks for its target; `scrub` inside an edge;
 * `playing` while a path plays; `path` in path mode; `candidate`, `edge` and `node` by what has the focus; `tray` while
 * one is open; `wander` outside of path mode; `anywhere` always.
 */
export type Scope =
  | "popup"
  | "connect"
  | "scrub"
  | "playing"
  | "path"
  | "candidate"
  | "edge"
  | "node"
  | "tray"
  | "wander"
  | "anywhere";

export type Group = "Look" | "Edit" | "Make" | "Arrange" | "Paths";

export interface Command {
  id: string;
  title: string;
  /** Such as "Mod+Z" or "Shift+1"; Mod is Ctrl, on a Mac ⌘. */
  keys: readonly string[];
  group: Group;
  scope: Scope;
  /** Whether it can be done just now. */
  when?(app: App): boolean;
  /** False: nothing was done, the browser may have the key. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most commands just do something
  run(app: App): void | false;
}

export const COMMANDS: readonly Command[] = [...LOOKING, ...EDITING, ...MAKING, ...PATHS];

/** The scopes that count now, the narrowest first. */
export function scopes(app: App): Scope[] {
  const { popup, connecting, scrub, playing, mode, focus, tray } = app.ui();
  if (popup) return ["popup"];
  const found: Scope[] = [];
  if (connecting) found.push("connect");
  if (scrub) found.push("scrub");
  if (playing?.what === "path") found.push("playing");
  if (mode === "path") found.push("path");
  else {
    if (focus && app.doc.candidates.has(focus)) found.push("candidate");
    if (focus && app.doc.edges.has(focus)) found.push("edge");
    if (focus && app.doc.nodes.has(focus)) found.push("node");
    if (tray) found.push("tray");
    found.push("wander");
  }
  return [...found, "anywhere"];
}

/** What a chord does now; null for nothing. */
export function commandFor(app: App, chord: string): Command | null {
  for (const scope of scopes(app)) {
    const found = COMMANDS.find(
      (command) => command.scope === scope && command.keys.includes(chord) && (command.when?.(app) ?? true),
    );
    if (found) return found;
  }
  return null;
}

/** Whether a command can be done now, also from a menu that is open above everything. */
export function isReady(app: App, command: Command): boolean {
  const beneath = { ...app, ui: () => ({ ...app.ui(), popup: null }) };
  return scopes(beneath).includes(command.scope) && (command.when?.(app) ?? true);
}
