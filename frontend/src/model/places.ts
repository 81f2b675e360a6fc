// Where things lie and where there is room. Boxes are in canvas units, x and y their top left corner.

import type { Point } from "../field/host";
import { cardSize } from "./derive";
import type { Doc } from "./doc";
import type { Id } from "./rows";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Between cards and whatever else the program puts down. */
export const GAP = 40;
/** Width of the film tile in the middle of an edge, and the height of a picture's name, in canvas units. */
const TILE = 96;
const NAME = 24;
/** How far around is looked for room before something is put below everything. */
const RINGS = 40;

export function boxAt(centre: Point, { width, height }: Size): Box {
  return { x: centre.x - width / 2, y: centre.y - height / 2, width, height };
}

export function overlap(one: Box, other: Box, gap = 0): boolean {
  return (
    one.x < other.x + other.width + gap &&
    other.x < one.x + one.width + gap &&
    one.y < other.y + other.height + gap &&
    other.y < one.y + one.height + gap
  );
}

/** The smallest box around all of them; null around none. */
export function around(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Between cards that edges may join one day: a film tile and its arrow have room there, and a name. */
export function roomBetween(card: Size): Point {
  return { x: TILE + GAP, y: NAME + tileHeight(card) + GAP };
}

function tileHeight({ width, height }: Size): number {
  return (TILE * height) / width;
}

/** Boxes of the cards of all nodes, of the tiles about the middle of edges, and of notes, but for some. */
export function occupied(doc: Doc, except: ReadonlySet<Id> = new Set()): Box[] {
  const card = cardSize(doc.settings);
  const nodes = [...doc.nodes.values()].filter((node) => !except.has(node.id));
  const notes = [...doc.notes.values()].filter((note) => !except.has(note.id));
  const tile = { width: TILE, height: tileHeight(card) };
  const tiles = [...doc.edges.values()].flatMap((edge): Box[] => {
    const [a, b] = [doc.nodes.get(edge.source), doc.nodes.get(edge.target)];
    if (edge.hidden || !a || !b || a === b || except.has(a.id) || except.has(b.id)) return [];
    return [boxAt({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, tile)];
  });
  return [
    ...nodes.map((node) => boxAt(node, card)),
    ...tiles,
    ...notes.map((note) => ({ ...note, height: note.width / 3 })),
  ];
}

/** The centres of `count` cards in a tidy grid around a point, wider than high. */
export function grid(centre: Point, count: number, card: Size): Point[] {
  const columns = Math.max(1, Math.ceil(Math.sqrt((count * 1.5 * card.height) / card.width)));
  const rows = Math.ceil(count / columns);
  const room = roomBetween(card);
  const [dx, dy] = [card.width + room.x, card.height + room.y];
  return Array.from({ length: count }, (_, i) => ({
    x: centre.x + ((i % columns) - (Math.min(columns, count) - 1) / 2) * dx,
    y: centre.y + (Math.floor(i / columns) - (rows - 1) / 2) * dy,
  }));
}

/** The nearest free places for cards around a point, each next to the others; none covers what is there. */
export function freeSpots(centre: Point, count: number, card: Size, taken: readonly Box[]): Point[] {
  const all = [...taken];
  const room = roomBetween(card);
  return Array.from({ length: count }, () => {
    const shift = freeShift([boxAt(centre, card)], all, { x: card.width + room.x, y: card.height + room.y });
    const spot = { x: centre.x + shift.x, y: centre.y + shift.y };
    all.push(boxAt(spot, card));
    return spot;
  });
}

/** The smallest move, in whole strides, after which no box covers one that is taken. */
export function freeShift(boxes: readonly Box[], taken: readonly Box[], stride: Point): Point {
  const whole = around(boxes);
  if (!whole) return { x: 0, y: 0 };
  const free = ({ x, y }: Point) => {
    const near = taken.filter((other) =>
      overlap({ ...whole, x: whole.x + x, y: whole.y + y }, other, GAP / 2),
    );
    return !near.some((other) =>
      boxes.some((box) => overlap({ ...box, x: box.x + x, y: box.y + y }, other, GAP / 2)),
    );
  };
  for (let ring = 0; ring <= RINGS; ring++) {
    const found = ringOf(ring, stride).find(free);
    if (found) return found;
  }
  const bottom = Math.max(...taken.map((box) => box.y + box.height));
  return { x: 0, y: bottom + GAP - whole.y };
}

/** The places around the origin at a distance of `ring` strides, the nearest first; to the right before to the left. */
function ringOf(ring: number, stride: Point): Point[] {
  const points: Point[] = [];
  for (let row = -ring; row <= ring; row++) {
    const step = Math.abs(row) === ring ? 1 : 2 * ring;
    for (let column = -ring; column <= ring; column += Math.max(1, step)) {
      points.push({ x: column * stride.x + 0, y: row * stride.y + 0 }); // no −0
    }
  }
  return points.sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y) || b.x - a.x || b.y - a.y);
}
