// Lines as a hand draws them: thinned to the points that matter, and built from the keys.

import type { Point } from "../../model/along";

/** Points nearer to the line between their neighbours than this, in shares of the picture, say nothing. */
const SLIGHT = 0.004;
/** An arrow key goes so far; with Shift a quarter of it. */
const STRIDE = 0.1;
const STEPS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const MIDDLE: Point = [0.5, 0.5];

/** At most so many of the points as tell the line (Ramer, 1972; Douglas and Peucker, 1973), to three decimals. */
export function thinned(points: readonly Point[], most: number): Point[] {
  let slight = SLIGHT;
  let kept = between(points, slight);
  while (kept.length > most) {
    slight *= 1.5;
    kept = between(points, slight);
  }
  return kept.map(([x, y]): Point => [rounded(x), rounded(y)]);
}

/** What a hand drew; a mere click is the way there from the middle. */
export function drawn(points: readonly Point[], most: number): Point[] {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return [];
  const far = points.some(([x, y]) => Math.hypot(x - first[0], y - first[1]) > 2 * SLIGHT);
  return thinned(far ? points : [MIDDLE, last], most);
}

/** The line after a key; null when nothing is left of it, undefined when the key means nothing. */
export function keyed(
  line: readonly Point[],
  key: string,
  fine: boolean,
  most: number,
): Point[] | null | undefined {
  if (key === "Delete") return null;
  if (key === "Backspace") return line.length > 2 ? line.slice(0, -1) : null;
  const step = STEPS[key];
  if (!step || line.length >= most) return undefined;
  const from = line.at(-1) ?? MIDDLE;
  const far = fine ? STRIDE / 4 : STRIDE;
  const next: Point = [rounded(within(from[0] + far * step[0])), rounded(within(from[1] + far * step[1]))];
  return [...(line.length > 0 ? line : [MIDDLE]), next];
}

export function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}

function rounded(share: number): number {
  return Math.round(1000 * within(share)) / 1000;
}

function between(points: readonly Point[], slight: number): Point[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 3) return [...points];
  let [farthest, at] = [slight, 0];
  for (const [i, point] of points.entries()) {
    const off = distance(point, first, last);
    if (off > farthest) [farthest, at] = [off, i];
  }
  if (at === 0) return [first, last];
  return [...between(points.slice(0, at + 1), slight).slice(0, -1), ...between(points.slice(at), slight)];
}

/** From a point to the stretch between two others. */
function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const long = dx * dx + dy * dy;
  const t = long > 0 ? within(((x - ax) * dx + (y - ay) * dy) / long) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}
