/** The line of an edge: a cubic Bézier curve from card to card, its lane among parallel ones, its middle, its ends. */

import type { Edge, Id } from "../model/rows";

/** Width of a node's card in canvas units. */
export const CARD = 240;
/** Size of a film tile in canvas units. */
export const TILE = 96;
export const TILE_PLAYING = 240;
const GAP = 16;
const BOW = 0.05;
const MOST_BOW = 20;
/** The fewest CSS pixels between lanes, and between loops over one card. */
const LANES_APART = 12;
const LOOPS_APART = 16;
const LOOPS_RISE = 76;
/** From this zoom on, lines are the same in canvas units at any zoom. */
export const SETTLED = LOOPS_APART / LOOPS_RISE;

/** Which of the edges between two nodes this is: `lane` of `lanes`; `flip` if it runs against the pair's order. */
export interface Lane {
  lane: number;
  lanes: number;
  flip: boolean;
}

/** Lanes of all edges: those between the same two nodes lie side by side, in the order of their ids. */
export function lanesOf(edges: Iterable<Pick<Edge, "id" | "source" | "target">>): Map<Id, Lane> {
  const pairs = new Map<string, Pick<Edge, "id" | "source" | "target">[]>();
  const lanes = new Map<Id, Lane>();
  for (const edge of edges) {
    const flip = edge.source > edge.target;
    const pair = flip ? `${edge.target} ${edge.source}` : `${edge.source} ${edge.target}`;
    const others = pairs.get(pair);
    if (others) others.push(edge);
    else pairs.set(pair, [edge]);
  }
  for (const together of pairs.values()) {
    // Those that run the same way lie together, so that a pair there and back reads as a street.
    if (together.length > 1) together.sort((a, b) => (key(a) < key(b) ? -1 : 1));
    together.forEach((edge, lane) => {
      lanes.set(edge.id, { lane, lanes: together.length, flip: edge.source > edge.target });
    });
  }
  return lanes;
}

function key(edge: Pick<Edge, "id" | "source" | "target">): string {
  return `${edge.source > edge.target ? 1 : 0}${edge.id}`;
}

/** A cubic curve in canvas units; `from` and `to` are where it leaves the source's card and reaches the target's. */
export interface Curve {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  x3: number;
  y3: number;
  from: number;
  to: number;
}

export function emptyCurve(): Curve {
  return { x0: 0, y0: 0, x1: 0, y1: 0, x2: 0, y2: 0, x3: 0, y3: 0, from: 0, to: 1 };
}

export function xAt(c: Curve, t: number): number {
  const u = 1 - t;
  return u * u * u * c.x0 + 3 * u * u * t * c.x1 + 3 * u * t * t * c.x2 + t * t * t * c.x3;
}

export function yAt(c: Curve, t: number): number {
  const u = 1 - t;
  return u * u * u * c.y0 + 3 * u * u * t * c.y1 + 3 * u * t * t * c.y2 + t * t * t * c.y3;
}

/** About how long all of it is: between its chord and the way by its inner points. */
export function lengthOf(c: Curve): number {
  const chord = Math.hypot(c.x3 - c.x0, c.y3 - c.y0);
  const out = Math.hypot(c.x1 - c.x0, c.y1 - c.y0) + Math.hypot(c.x3 - c.x2, c.y3 - c.y2);
  return (chord + out + Math.hypot(c.x2 - c.x1, c.y2 - c.y1)) / 2;
}

/** The parameter of the middle of what shows of a curve. */
export function middle(c: Curve): number {
  return (c.from + c.to) / 2;
}

/** The least distance between lanes in the middle, for tiles not to touch and each to have room for a finger. */
function spacing(nx: number, ny: number, zoom: number): number {
  const tiles = Math.abs(nx) * (TILE + GAP) + Math.abs(ny) * ((TILE * 9) / 16 + GAP);
  return Math.max(tiles, LANES_APART / zoom);
}

/**
 * Writes the line between two cards into `into`.
 *
 * @param height of a card, in canvas units.
 * @param zoom lanes keep 12 CSS pixels apart however far the eye is.
 */
export function shape(
  into: Curve,
  x0: number,
  y0: number,
  x3: number,
  y3: number,
  height: number,
  { lane, lanes, flip }: Lane,
  zoom: number,
): void {
  const loop = x0 === x3 && y0 === y3;
  if (loop) {
    const rise = height * 0.5 + 70 + lane * Math.max(LOOPS_RISE, LOOPS_APART / zoom);
    const spread = CARD * 0.42 + lane * 24;
    [into.x0, into.y0, into.x3, into.y3] = [
      x0 - CARD * 0.2,
      y0 - height / 2,
      x0 + CARD * 0.2,
      y0 - height / 2,
    ];
    [into.x1, into.y1, into.x2, into.y2] = [x0 - spread, y0 - rise * 1.5, x0 + spread, y0 - rise * 1.5];
    [into.from, into.to] = [0, 1];
    return;
  }
  const [dx, dy] = [x3 - x0, y3 - y0];
  const length = Math.hypot(dx, dy);
  const turn = flip ? -1 : 1;
  const [nx, ny] = [(-dy / length) * turn, (dx / length) * turn];
  const bow = lanes > 1 ? 0 : Math.min(MOST_BOW, BOW * length) * turn;
  const off = (lane - (lanes - 1) / 2) * spacing(nx, ny, zoom) - bow;
  // A cubic whose inner points stand off by 4/3 stands off by 1 in the middle.
  const [ox, oy] = [nx * off * (4 / 3), ny * off * (4 / 3)];
  [into.x0, into.y0, into.x3, into.y3] = [x0, y0, x3, y3];
  [into.x1, into.y1] = [x0 + dx * 0.3 + ox, y0 + dy * 0.3 + oy];
  [into.x2, into.y2] = [x0 + dx * 0.7 + ox, y0 + dy * 0.7 + oy];
  into.from = leaving(into, x0, y0, height, 0, 0.5);
  into.to = leaving(into, x3, y3, height, 1, 0.5);
  if (into.from >= 0.49 || into.to <= 0.51) [into.from, into.to] = [0, 1];
}

/** Where the curve crosses the border of a card, between `inside` and `outside`. */
function leaving(c: Curve, x: number, y: number, height: number, inside: number, outside: number): number {
  let [a, b] = [inside, outside];
  for (let i = 0; i < 9; i++) {
    const t = (a + b) / 2;
    const within = Math.abs(xAt(c, t) - x) < CARD / 2 && Math.abs(yAt(c, t) - y) < height / 2;
    if (within) a = t;
    else b = t;
  }
  return (a + b) / 2;
}

const SAMPLES = 24;

/** What is nearest to a point: `t` along what shows of the curve, 0–1, and the distance in canvas units. */
export function nearest(c: Curve, x: number, y: number): { t: number; distance: number } {
  let [best, at] = [Number.POSITIVE_INFINITY, 0];
  let [ax, ay] = [xAt(c, c.from), yAt(c, c.from)];
  for (let i = 1; i <= SAMPLES; i++) {
    const t = c.from + ((c.to - c.from) * i) / SAMPLES;
    const [bx, by] = [xAt(c, t), yAt(c, t)];
    const [dx, dy] = [bx - ax, by - ay];
    const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    const distance = Math.hypot(ax + dx * along - x, ay + dy * along - y);
    if (distance < best) [best, at] = [distance, (i - 1 + along) / SAMPLES];
    [ax, ay] = [bx, by];
  }
  return { t: at, distance: best };
}
