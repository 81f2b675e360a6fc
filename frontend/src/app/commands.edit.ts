// Commands for undoing, deleting, naming, rating and arranging.

import { nodesOn } from "../model/derive";
import type { Id } from "../model/rows";
import type { App } from "./app";
import { chosen, chosenNodes } from "./choice";
import type { Command } from "./commands";

/** Canvas units. */
const NUDGE = 10;
const FINE = 1;
const NUDGES = { Left: [-1, 0], Right: [1, 0], Up: [0, -1], Down: [0, 1] } as const;

function nudge(app: App, [dx, dy]: readonly [number, number], by: number): undefined | false {
  const boards = chosen(app).flatMap((id) => app.doc.boards.get(id) ?? []);
  const ids = new Set([
    ...chosen(app),
    ...boards.flatMap((board) => nodesOn(app.doc, board).map(({ id }) => id)),
  ]);
  const places = new Map<Id, { x: number; y: number }>();
  for (const id of ids) {
    const row = app.doc.nodes.get(id) ?? app.doc.boards.get(id) ?? app.doc.notes.get(id);
    if (row) places.set(id, { x: row.x + dx * by, y: row.y + dy * by });
  }
  if (places.size === 0) return false;
  app.host.move(places);
}

function edit(app: App): undefined | false {
  const id = chosen(app).at(-1);
  const found = id ? app.doc.find(id) : null;
  if (!found || !id) return false;
  const field = { nodes: "label", edges: "label", boards: "name", sequences: "name", notes: "text" } as const;
  if (!(found.table in field)) return false;
  app.setUi({ popup: { kind: "edit", id, field: field[found.table as keyof typeof field] } });
}

/** The line that makes the chosen thing again in a terminal; text that is selected on the page is the browser's. */
function copyCommand(app: App): undefined | false {
  const id = chosen(app).at(-1);
  if (!id || globalThis.getSelection?.()?.isCollapsed === false) return false;
  void app.actions.recipe(id).then((recipe) => recipe && app.actions.copy(recipe.command));
}

const some = (app: App) => chosen(app).length > 0;
const someNode = (app: App) => chosenNodes(app).length > 0;

export const EDITING: readonly Command[] = [
  {
    id: "undo",
    title: "Undo",
    keys: ["Mod+Z"],
    group: "Edit",
    scope: "anywhere",
    run(app) {
      if (app.ui().mode === "path" && app.actions.takeBack()) return;
      void app.actions.undo();
    },
  },
  {
    id: "redo",
    title: "Redo",
    keys: ["Mod+Shift+Z", "Mod+Y"],
    group: "Edit",
    scope: "anywhere",
    run(app) {
      if (app.ui().mode === "path" && app.actions.doAgain()) return;
      void app.actions.redo();
    },
  },
  {
    id: "delete",
    title: "Delete",
    keys: ["Delete", "Backspace"],
    group: "Edit",
    scope: "wander",
    when: some,
    run: (app) => app.actions.remove(chosen(app)),
  },
  {
    id: "select.all",
    title: "Select all pictures",
    keys: ["Mod+A"],
    group: "Edit",
    scope: "wander",
    run: (app) => app.actions.select([...app.doc.nodes.keys()]),
  },
  {
    id: "copy",
    title: "Copy as a command line",
    keys: ["Mod+C"],
    group: "Edit",
    scope: "anywhere",
    when: some,
    run: copyCommand,
  },
  {
    id: "recipe",
    title: "How was this made?",
    keys: ["Shift+I"],
    group: "Edit",
    scope: "anywhere",
    when: some,
    run(app) {
      const id = chosen(app).at(-1);
      if (id) app.setUi({ popup: { kind: "recipe", id } });
    },
  },
  { id: "label", title: "Name it", keys: ["L"], group: "Edit", scope: "wander", when: some, run: edit },
  ...[0, 1, 2, 3, 4, 5].map(
    (stars): Command => ({
      id: `rate.${stars}`,
      title: stars === 0 ? "No stars" : stars === 1 ? "One star" : `${stars} stars`,
      keys: [`Shift+${stars}`],
      group: "Edit",
      scope: "anywhere",
      when: someNode,
      run: (app) => app.actions.rate(chosenNodes(app), stars),
    }),
  ),
  ...Object.entries(NUDGES).flatMap(([name, way]): Command[] => [
    {
      id: `nudge.${name.toLowerCase()}`,
      title: `Nudge ${name.toLowerCase()}`,
      keys: [`Alt+Arrow${name}`],
      group: "Arrange",
      scope: "wander",
      when: some,
      run: (app) => nudge(app, way, NUDGE),
    },
    {
      id: `nudge.fine.${name.toLowerCase()}`,
      title: `Nudge ${name.toLowerCase()} a little`,
      keys: [`Alt+Shift+Arrow${name}`],
      group: "Arrange",
      scope: "wander",
      when: some,
      run: (app) => nudge(app, way, FINE),
    },
  ]),
  {
    id: "board",
    title: "Board around the selection",
    keys: ["G"],
    group: "Arrange",
    scope: "wander",
    run: (app) => app.actions.addBoard(chosen(app)),
  },
  {
    id: "note",
    title: "Note",
    keys: ["N"],
    group: "Arrange",
    scope: "wander",
    run: (app) => app.setUi({ popup: { kind: "note", at: app.view()?.centre() ?? { x: 0, y: 0 } } }),
  },
  {
    id: "tidy",
    title: "Tidy the selection, or everything",
    keys: ["T"],
    group: "Arrange",
    scope: "wander",
    when: (app) => app.doc.nodes.size > 1 && app.ui().lens === null,
    run(app) {
      const nodes = chosenNodes(app);
      app.actions.tidy(nodes.length > 1 ? nodes : []);
    },
  },
];
