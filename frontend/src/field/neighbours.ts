/** Where an arrow key leads: along edges first, else to what lies nearest in that direction. */

import type { Id } from "../model/rows";
import { middle, xAt, yAt } from "./curve";
import type { Point } from "./host";
import type { Scene } from "./scene";

export type Direction = "left" | "right" | "up" | "down";

const TOWARDS: Record<Direction, Point> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
};

/** From a node to an edge, from an edge to its end; from null to the node nearest to `centre`. */
export function neighbour(scene: Scene, id: Id | null, direction: Direction, centre: Point): Id | null {
  if (scene.nodes.length === 0) return null;
  const i = id ? scene.numberOf(id) : undefined;
  const e = id ? scene.edgeNumber(id) : undefined;
  if (i !== undefined) return fromNode(scene, i, direction);
  if (e !== undefined) return fromEdge(scene, e, direction);
  const everywhere = Array.from({ length: scene.nodes.length }, (_, n) => n);
  const best = least(everywhere, (n) => Math.hypot(scene.xOf(n) - centre.x, scene.yOf(n) - centre.y));
  return best === null ? null : (scene.nodes[best]?.id ?? null);
}

function fromNode(scene: Scene, i: number, direction: Direction): Id | null {
  const here = { x: scene.xOf(i), y: scene.yOf(i) };
  const edges: number[] = [];
  for (let e = 0; e < scene.edges.length; e++) {
    if (scene.source[e] === i || scene.target[e] === i) edges.push(e);
  }
  const edge = least(edges, (e) => away(here, tileAt(scene, e), direction));
  if (edge !== null) return scene.edges[edge]?.id ?? null;
  const others = Array.from({ length: scene.nodes.length }, (_, n) => n).filter((n) => n !== i);
  const node = least(others, (n) => away(here, { x: scene.xOf(n), y: scene.yOf(n) }, direction));
  return node === null ? null : (scene.nodes[node]?.id ?? null);
}

function fromEdge(scene: Scene, e: number, direction: Direction): Id | null {
  const here = tileAt(scene, e);
  const ends = [scene.source[e] ?? 0, scene.target[e] ?? 0];
  const node = least(ends, (n) => away(here, { x: scene.xOf(n), y: scene.yOf(n) }, direction));
  if (node !== null) return scene.nodes[node]?.id ?? null;
  const others = Array.from({ length: scene.edges.length }, (_, n) => n).filter((n) => n !== e);
  const edge = least(others, (n) => away(here, tileAt(scene, n), direction));
  return edge === null ? null : (scene.edges[edge]?.id ?? null);
}

function tileAt(scene: Scene, e: number): Point {
  const curve = scene.curve(e, 1);
  return { x: xAt(curve, middle(curve)), y: yAt(curve, middle(curve)) };
}

/** How far `there` is, straying counted double; infinite if it is not in that direction. */
function away(here: Point, there: Point, direction: Direction): number {
  const towards = TOWARDS[direction];
  const [dx, dy] = [there.x - here.x, there.y - here.y];
  const ahead = dx * towards.x + dy * towards.y;
  const aside = Math.abs(dx * towards.y - dy * towards.x);
  return ahead > 0 && aside <= ahead * 1.2 ? ahead + 2 * aside : Number.POSITIVE_INFINITY;
}

function least(numbers: readonly number[], distance: (n: number) => number): number | null {
  let [best, shortest]: [number | null, number] = [null, Number.POSITIVE_INFINITY];
  for (const n of numbers) {
    const d = distance(n);
    if (d < shortest) [best, shortest] = [n, d];
  }
  return best;
}
