// Cutting an edge at a frame: the rows that the server would make. See src/forkframe/model/branching.py.

import { TILE } from "../field/curve";
import type { Point } from "../field/host";
import { cardSize, framesOf, shownTake } from "../model/derive";
import type { Doc } from "../model/doc";
import { newId } from "../model/ids";
import { around, boxAt, occupied, overlap } from "../model/places";
import type { Edge, Edit, Hash, Id, Node } from "../model/rows";

/** Between cards, and how far at a time and how often room is looked for beside the line, in canvas units. */
const [ROOM, STRIDE, STRIDES] = [36, 30, 12];

/** The frame that a moment of an edge falls on: never one of its ends. Null if there is none between them. */
export function frameAt(doc: Doc, edge: Id, t: number): number | null {
  const last = framesOf(doc, edge) - 1;
  return last < 2 ? null : Math.min(last - 1, Math.max(1, Math.round(t * last)));
}

/** The new node, the two halves with their takes, and the edge hidden; null if the edge shows nothing. */
export function branchEdits(
  doc: Doc,
  edge: Edge,
  frame: number,
  { picture, label }: { picture: Hash; label: string },
): { node: Node; edits: Edit[] } | null {
  const take = shownTake(doc, edge.id);
  const [from, to] = [doc.nodes.get(edge.source), doc.nodes.get(edge.target)];
  if (!take || !from || !to) return null;
  const halves: [Id, Id] = [newId("e"), newId("e")];
  const takes: [Id, Id] = [newId("t"), newId("t")];
  const middle = take.first + frame;
  const node: Node = {
    ...from,
    ...placeOn(doc, from, to, frame / (framesOf(doc, edge.id) - 1)),
    id: newId("n"),
    picture,
    framed: picture,
    label,
    rating: 0,
    active: null,
    cut: { edge: edge.id, frame, halves },
    was: [],
  };
  const [begin = from.framed, end = to.framed] = take.ends;
  const shared = { ...edge, label: "" };
  const first = { ...shared, id: halves[0], target: node.id, frames: frame + 1, active: takes[0] };
  const second = { ...shared, id: halves[1], source: node.id, active: takes[1] };
  const edits: Edit[] = [
    { table: "nodes", id: node.id, row: node },
    {
      table: "takes",
      id: takes[0],
      row: { ...take, id: takes[0], owner: halves[0], last: middle, ends: [begin, picture] },
    },
    {
      table: "takes",
      id: takes[1],
      row: { ...take, id: takes[1], owner: halves[1], first: middle, ends: [picture, end] },
    },
    { table: "edges", id: halves[0], row: first },
    { table: "edges", id: halves[1], row: { ...second, frames: take.last - middle + 1 } },
    { table: "edges", id: edge.id, row: { ...edge, hidden: true } },
  ];
  return { node, edits };
}

/** On the line between both ends where there is room for a card and the tiles beside it, else next to the line. */
function placeOn(doc: Doc, from: Point, to: Point, t: number): Point {
  const card = cardSize(doc.settings);
  const tile = { width: TILE, height: (TILE * card.height) / card.width };
  const taken = occupied(doc);
  const isFree = (at: Point): boolean => {
    const own = boxAt(at, card);
    if (taken.some((other) => overlap(own, other, ROOM))) return false;
    const tiles = [from, to].map((end) => boxAt({ x: (at.x + end.x) / 2, y: (at.y + end.y) / 2 }, tile));
    return !tiles.some((one) => [...taken, own].some((other) => overlap(one, other, TILE / 8)));
  };
  const share = Math.min(0.6, Math.max(0.4, t));
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const on = { x: from.x + dx * share, y: from.y + dy * share };
  // Inwards first, where the other pictures are.
  const all = around(taken) ?? boxAt(on, card);
  const [cx, cy] = [all.x + all.width / 2, all.y + all.height / 2];
  const inwards = (cx - on.x) * -dy + (cy - on.y) * dx >= 0 ? 1 : -1;
  for (const side of [inwards, -inwards]) {
    for (let n = 0; n <= STRIDES; n++) {
      const off = side * n * STRIDE;
      const at = { x: Math.round(on.x - (dy / length) * off), y: Math.round(on.y + (dx / length) * off) };
      if (isFree(at)) return at;
    }
  }
  return on;
}
