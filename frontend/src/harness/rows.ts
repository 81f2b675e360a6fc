/** Rows made up on the spot: nodes, edges with takes, and a corner where everything happens. */

import { emptyRows, type Rows } from "../model/doc";
import type { Edge, Hash, Id, Node } from "../model/rows";

export const hashOf = (i: number): Hash => `h${i}`;

export function fakeNode(i: number, x: number, y: number): Node {
  return {
    id: `n${i}`,
    picture: hashOf(i),
    size: [1280, 720],
    framed: hashOf(i),
    x,
    y,
    crop: { fit: "cover", focus: [0.5, 0.5], zoom: 1 },
    label: ["harbour", "dusk", "first snow", "window", "the long way home", ""][i % 6] ?? "",
    rating: i % 5 === 0 ? 1 + (i % 3) : 0,
    active: null,
    cut: null,
    was: [],
  };
}

export function fakeEdge(id: Id, source: number, target: number): Edge {
  return {
    id,
    source: `n${source}`,
    target: `n${target}`,
    frames: 73,
    engine: "builtin",
    parameters: {},
    label: "",
    roll: 0,
    motion: [],
    active: null,
    hidden: false,
  };
}

/** Gives an edge a take that is a whole rendering with a field. */
export function rendered(rows: Rows, edge: Edge): void {
  const [take, rendering] = [`t${edge.id}`, `r${edge.id}`];
  edge.active = take;
  const ends = [rows.nodes.get(edge.source)?.framed ?? "", rows.nodes.get(edge.target)?.framed ?? ""];
  rows.takes.set(take, {
    id: take,
    owner: edge.id,
    rendering,
    first: 0,
    last: edge.frames - 1,
    ends,
    tier: "draft",
    failure: "",
  });
  rows.renderings.set(rendering, {
    id: rendering,
    algorithm: "builtin.transition@1",
    frames: edge.frames,
    picture: null,
    pixels: null,
    field: "field",
    video: null,
    frame: [1280, 720, "24"],
    seed: 1,
    notes: [],
  });
}

/** `count` nodes in a loose grid, twice as many edges between near ones, and a corner where everything happens. */
export function fakeRows(count: number): Rows {
  const rows = emptyRows();
  const background: [number, number, number] = [16, 17, 20];
  const frame = { width: 1280, height: 720, fps: "24" };
  rows.settings.set("workspace", { id: "workspace", frame, fps: "24", background });
  const columns = Math.max(3, Math.ceil(Math.sqrt(count * 0.75)));
  const noise = (i: number): number => ((Math.sin(i * 127.1) * 43758.5453) % 1) * 40;
  for (let i = 0; i < count; i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    rows.nodes.set(`n${i}`, fakeNode(i, column * 460 + noise(i), row * 330 + noise(i + 0.5)));
  }
  for (let e = 0; e < 2 * count; e++) {
    const source = e % count;
    const target = (source + (e < count ? 1 : columns + (e % 3))) % count;
    const edge = fakeEdge(`e${String(e).padStart(5, "0")}`, source, target);
    rows.edges.set(edge.id, edge);
    if (e % 7 !== 3) rendered(rows, edge);
  }
  return rows;
}

/** Parallel and opposite edges, a loop, a branch, states of all kinds, a board, a note, and candidates. */
export function addCorner(rows: Rows): void {
  const extra: [Id, number, number][] = [
    ["ep1", 0, 1],
    ["ep2", 1, 0],
    ["eloop", 2, 2],
  ];
  for (const [id, source, target] of extra) {
    const edge = fakeEdge(id, source, target);
    rows.edges.set(id, edge);
    rendered(rows, edge);
  }
  const cut = rows.nodes.get("n3");
  if (cut) cut.cut = { edge: "e0", frame: 20, halves: ["ea", "eb"] };
  const [final, stale] = [rows.takes.get("te00001"), rows.takes.get("te00002")];
  if (final) final.tier = "final";
  if (stale) stale.ends = ["h9", "h8"];
  const board = { x: -180, y: 520, width: 1020, height: 420, colour: "#7fb5a0" };
  rows.boards.set("b1", { id: "b1", name: "Northern light", ...board });
  const note = { text: "Colder, slower.\nThe harbour comes back at the end.", width: 260, colour: "#d8c98f" };
  rows.notes.set("x1", { id: "x1", x: -480, y: -40, ...note });
  for (let i = 0; i < 6; i++) {
    const [id, rendering] = [`c${i}`, `rc${i}`];
    rows.candidates.set(id, { id, node: "n4", rendering, label: "" });
    rows.renderings.set(rendering, {
      id: rendering,
      algorithm: "builtin.vary@3",
      frames: 1,
      picture: null,
      pixels: `h${60 + i}`,
      field: null,
      video: null,
      frame: [1280, 720, "24"],
      seed: i,
      notes: [],
    });
  }
}
