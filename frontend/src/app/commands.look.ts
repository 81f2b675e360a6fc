// Commands for getting around: walking, zooming, lenses, panels, and the way out.

import { cardSize } from "../model/derive";
import { GAP } from "../model/places";
import type { Id } from "../model/rows";
import type { App } from "./app";
import { chosen } from "./choice";
import type { Command } from "./commands";
import type { Side } from "./ui";

const ZOOM = 1.25;
const DIRECTIONS = ["left", "right", "up", "down"] as const;
type Direction = (typeof DIRECTIONS)[number];

const arrow = (direction: Direction) => `Arrow${direction.charAt(0).toUpperCase()}${direction.slice(1)}`;

function walk(app: App, direction: Direction, how: "replace" | "add"): undefined | false {
  const { connecting, focus } = app.ui();
  const next = connecting
    ? nearestPicture(app, focus ?? connecting, direction)
    : app.view()?.neighbour(focus, direction);
  if (!next) return false;
  app.actions.select([next], how);
}

/** A thread ends at a picture: edges are passed over. Straying from the direction counts double. */
function nearestPicture(app: App, from: Id, direction: Direction): Id | null {
  const at = (id: Id) => {
    const box = app.view()?.boxOf(id);
    return box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : app.doc.nodes.get(id);
  };
  const here = at(from) ?? { x: 0, y: 0 };
  const [along, sign] = { left: ["x", -1], right: ["x", 1], up: ["y", -1], down: ["y", 1] }[direction] as [
    "x" | "y",
    1 | -1,
  ];
  const across = along === "x" ? "y" : "x";
  let [best, shortest]: [Id | null, number] = [null, Number.POSITIVE_INFINITY];
  for (const id of app.doc.nodes.keys()) {
    const there = at(id);
    if (!there || id === from) continue;
    const ahead = (there[along] - here[along]) * sign;
    const far = ahead + 2 * Math.abs(there[across] - here[across]);
    if (ahead > 0 && far < shortest) [best, shortest] = [id, far];
  }
  return best;
}

/** All nodes from top to bottom, in lines about as high as a card. */
function inReadingOrder(app: App): Id[] {
  const line = cardSize(app.doc.settings).height + GAP;
  return [...app.doc.nodes.values()]
    .sort((a, b) => Math.round(a.y / line) - Math.round(b.y / line) || a.x - b.x)
    .map((node) => node.id);
}

/** Past the last one the browser goes on to the panels. */
function cycle(app: App, by: 1 | -1): undefined | false {
  const order = inReadingOrder(app);
  const at = order.indexOf(app.ui().focus ?? "");
  const next = order[at < 0 ? (by > 0 ? 0 : order.length - 1) : at + by];
  if (!next) return false;
  app.actions.select([next]);
}

function open(app: App): undefined | false {
  const id = chosen(app).at(-1);
  const found = id ? app.doc.find(id) : null;
  const box = id ? app.view()?.boxOf(id) : null;
  const screen = box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : { x: 0, y: 0 };
  if (found?.table === "boards") app.host.open({ kind: "board", id: found.row.id, part: "tab" }, screen);
  else if (found?.table === "nodes") app.host.open({ kind: "node", id: found.row.id }, screen);
  else if (found?.table === "edges") app.host.open({ kind: "edge", id: found.row.id }, screen);
  else if (found?.table === "notes") app.host.open({ kind: "note", id: found.row.id }, screen);
  else if (found?.table === "candidates") app.host.open({ kind: "candidate", id: found.row.id }, screen);
  else return false;
}

function menu(app: App): undefined | false {
  const [id, view] = [chosen(app).at(-1), app.view()];
  const found = id ? app.doc.find(id) : null;
  const box = id ? view?.boxOf(id) : null;
  if (!found || !box || !view) return false;
  const screen = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const at = view.toCanvas(screen);
  if (found.table === "boards") app.host.menu({ kind: "board", id: found.row.id, part: "tab" }, at, screen);
  else if (found.table === "nodes") app.host.menu({ kind: "node", id: found.row.id }, at, screen);
  else if (found.table === "edges") app.host.menu({ kind: "edge", id: found.row.id }, at, screen);
  else if (found.table === "notes") app.host.menu({ kind: "note", id: found.row.id }, at, screen);
  else if (found.table === "candidates") app.host.menu({ kind: "candidate", id: found.row.id }, at, screen);
}

/** What Esc leaves, one thing at a time, always in this order. */
const WAYS_OUT: readonly ((app: App) => boolean)[] = [
  (app) => app.ui().popup !== null && did(app.setUi({ popup: null })),
  (app) => {
    const { tray, focus } = app.ui();
    if (!tray) return false;
    app.setUi({ tray: null });
    if (focus && app.doc.candidates.has(focus)) app.actions.select([tray]);
    return true;
  },
  (app) => app.ui().connecting !== null && did(app.setUi({ connecting: null })),
  (app) =>
    (app.ui().scrub !== null || app.ui().playing !== null) && did(app.setUi({ scrub: null, playing: null })),
  (app) => app.ui().mode === "path" && did(app.actions.leavePathMode()),
  (app) => chosen(app).length > 0 && did(app.actions.select([])),
  (app) => app.ui().lens !== null && did(void app.actions.setLens(null)),
];

function did(_: unknown): true {
  return true;
}

export function leave(app: App): undefined | false {
  if (!WAYS_OUT.some((way) => way(app))) return false;
}

function panel(side: NonNullable<Side>, title: string, key: string): Command {
  return {
    id: `panel.${side}`,
    title,
    keys: [key],
    group: "Look",
    scope: "anywhere",
    run: (app) => app.setUi({ side: app.ui().side === side ? null : side }),
  };
}

function lens(by: "composition" | "style", keys: string): Command {
  return {
    id: `lens.${by}`,
    title: `Map by ${by}, and back`,
    keys: [keys],
    group: "Look",
    scope: "anywhere",
    when: (app) => app.doc.nodes.size > 0,
    run: (app) => void app.actions.setLens(app.ui().lens === by ? null : by),
  };
}

const look = { group: "Look", scope: "anywhere" } as const;

export const LOOKING: readonly Command[] = [
  ...DIRECTIONS.map(
    (direction): Command => ({
      id: `walk.${direction}`,
      title: `Go to the neighbour ${direction === "up" ? "above" : direction === "down" ? "below" : `on the ${direction}`}`,
      keys: [arrow(direction)],
      ...look,
      run: (app) => walk(app, direction, "replace"),
    }),
  ),
  ...DIRECTIONS.map(
    (direction): Command => ({
      id: `extend.${direction}`,
      title: `Select the neighbour ${direction} too`,
      keys: [`Shift+${arrow(direction)}`],
      group: "Look",
      scope: "wander",
      run: (app) => walk(app, direction, "add"),
    }),
  ),
  { id: "next", title: "Next picture", keys: ["Tab"], ...look, run: (app) => cycle(app, 1) },
  { id: "previous", title: "Previous picture", keys: ["Shift+Tab"], ...look, run: (app) => cycle(app, -1) },
  { id: "open", title: "Open", keys: ["Enter"], ...look, run: open },
  { id: "menu", title: "Menu", keys: ["ContextMenu", "Shift+F10"], ...look, run: menu },
  {
    id: "fit",
    title: "Fit the selection",
    keys: ["F"],
    ...look,
    run(app) {
      const ids = chosen(app);
      if (ids.length > 0) app.view()?.fit(ids);
      else app.view()?.fitAll();
    },
  },
  {
    id: "fit.all",
    title: "Fit everything",
    keys: ["Shift+F", "0"],
    ...look,
    run: (app) => app.view()?.fitAll(),
  },
  { id: "zoom.in", title: "Zoom in", keys: ["+", "="], ...look, run: (app) => app.view()?.zoom(ZOOM) },
  { id: "zoom.out", title: "Zoom out", keys: ["-"], ...look, run: (app) => app.view()?.zoom(1 / ZOOM) },
  lens("composition", "M"),
  lens("style", "Shift+M"),
  {
    id: "find",
    title: "Find",
    keys: ["Mod+F", "/"],
    ...look,
    run: (app) => app.setUi({ popup: { kind: "find" } }),
  },
  panel("inspector", "Inspector", "I"),
  panel("sequences", "Sequences", "S"),
  panel("history", "History", "H"),
  panel("jobs", "Jobs", "J"),
  {
    id: "shortcuts",
    title: "Shortcuts",
    keys: ["?"],
    ...look,
    run: (app) => app.setUi({ popup: { kind: "shortcuts" } }),
  },
  {
    id: "shortcuts.close",
    title: "Close the shortcuts",
    keys: ["?"],
    group: "Look",
    scope: "popup",
    when: (app) => app.ui().popup?.kind === "shortcuts",
    run: (app) => app.setUi({ popup: null }),
  },
  { id: "leave", title: "Leave, step by step", keys: ["Escape"], ...look, run: leave },
  { id: "leave.popup", title: "Close", keys: ["Escape"], group: "Look", scope: "popup", run: leave },
];
