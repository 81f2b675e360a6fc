/** Sand where there is no WebGL: the grains of `sand.shaders.ts`, laid one by one over small moments. */

import type { Field } from "./fieldfile";
import {
  FADE,
  GRAIN_SALT,
  HASTE,
  hashed,
  JITTER,
  LAYERS,
  LIFT,
  LIGHT,
  lattice,
  PAIR_SALT,
  PART,
  RADIUS,
  REACHES,
  random,
  SIZES,
  SWIRL,
  SWIRLS,
  salted,
  smooth,
  TONES,
} from "./grains";

/** Pixels as they were before or after tinting: RGBA, 0–255. */
type Picture = Float32Array;

/**
 * Lays the grains of the moment t, of inner time, over `frame`, RGBA bytes.
 *
 * @param first  the first picture as this moment has it, of the frame's size.
 * @param last  the second, likewise.
 * @param field  with grains.
 */
export function strew(
  frame: Uint8ClampedArray,
  first: Picture,
  last: Picture,
  field: Field,
  width: number,
  height: number,
  t: number,
): void {
  if (!field.grains) return;
  const { rows, columns, cell } = lattice(field.grains, width, height);
  const [drift, here, place] = [drifts(field), new Float32Array(5), new Float32Array(7)];
  for (let layer = 0; layer < LAYERS; layer++) {
    const arrives = layer % 2 === 0;
    const picture = arrives ? last : first;
    const carried = drift(layer, t);
    if (!carried.some((value, i) => i % 5 === 2 && value > 0 && value < 1)) continue;
    const salt = salted(field.grains.seed, layer, GRAIN_SALT);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const by = hashed(i, j, salt);
        const px = (i - 1 + 0.5 * (j & 1) + JITTER * random(by, 0)) * cell;
        const py = (j - 0.5 + JITTER * random(by, 1)) * cell;
        look(carried, field, (px * field.columns) / width - 0.5, (py * field.rows) / height - 0.5, here);
        const [dx = 0, dy = 0, way = 0, vx = 0, vy = 0] = here;
        const flown = arrives ? 1 - way : way;
        const gone = flown * (1 + HASTE * 0.5 * (random(by, 2) + 1));
        if (flown <= 0 || gone >= 1) continue;
        const other = hashed(j, i, by);
        const parted = smooth(Math.min(flown / LIFT, 1));
        const towards = arrives ? 1 : -1;
        const x = Math.round(px + towards * vx * width - 0.5);
        const y = Math.round(py + towards * vy * height - 0.5);
        const at = 4 * (mirrored(y, height) * width + mirrored(x, width));
        const tone = 1 + TONES * parted * random(other, 1);
        place[0] = px + dx * width - 0.5;
        place[1] = py + dy * height - 0.5;
        place[2] = cell * RADIUS * (1 + SIZES * random(other, 0)) * Math.sqrt(1 - gone * gone);
        place[3] = parted * (1 - FADE * gone);
        for (let c = 0; c < 3; c++) place[4 + c] = Math.min((picture[at + c] ?? 0) * tone, 255);
        lay(place, frame, width, height);
      }
    }
  }
}

/** What `DRIFT` of sand.shaders.ts says of a layer at a time: `(rows, columns, 5)`: x, y, how far, and v. */
function drifts(field: Field): (layer: number, t: number) => Float32Array {
  const { columns, rows, v, timing, grains } = field;
  const carried = new Float32Array(5 * columns * rows);
  return (layer, t) => {
    const [wx, wy] = grains?.wind ?? [0, 0];
    const [flight, seed] = [grains?.flight ?? 1, grains?.seed ?? 0];
    const arrives = layer % 2 === 0;
    const reach = REACHES[layer >> 1] ?? 0;
    const salt = salted(seed, layer, PAIR_SALT);
    const turns = SWIRLS / Math.min(rows, columns);
    const turned = SWIRL * Math.hypot(wx * columns, wy * rows);
    for (let cell = 0; cell < rows * columns; cell++) {
      const u = (t - (timing?.tau[cell] ?? 0)) / flight + 0.5;
      const way = Math.min(Math.max((arrives ? u - (1 - PART) : u) / PART, 0), 1);
      const far = reach * (arrives ? -(1 - way) * (1 - way) : way * way);
      const [x, y] = [((cell % columns) + 0.5) * turns, (Math.floor(cell / columns) + 0.5) * turns];
      const [vx, vy] = [v[2 * cell] ?? 0, v[2 * cell + 1] ?? 0];
      carried[5 * cell] = (2 * t - 1) * vx + far * (wx + (turned * swirl(x, y, salt, 0)) / columns);
      carried[5 * cell + 1] = (2 * t - 1) * vy + far * (wy + (turned * swirl(x, y, salt, 1)) / rows);
      carried[5 * cell + 2] = way;
      carried[5 * cell + 3] = vx;
      carried[5 * cell + 4] = vy;
    }
    return carried;
  };
}

function swirl(x: number, y: number, salt: number, n: number): number {
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [smooth(x - i), smooth(y - j)];
  const [a, b] = [random(hashed(i, j, salt), n), random(hashed(i + 1, j, salt), n)];
  const [c, d] = [random(hashed(i, j + 1, salt), n), random(hashed(i + 1, j + 1, salt), n)];
  const [above, below] = [a + fx * (b - a), c + fx * (d - c)];
  return above + fy * (below - above);
}

/** The five values at (x, y), in cells, bilinear. */
function look(
  carried: Float32Array,
  { columns, rows }: Field,
  x: number,
  y: number,
  into: Float32Array,
): void {
  const cx = Math.min(Math.max(x, 0), columns - 1.001);
  const cy = Math.min(Math.max(y, 0), rows - 1.001);
  const [i, j] = [Math.floor(cx), Math.floor(cy)];
  const [fx, fy] = [cx - i, cy - j];
  const at = 5 * (j * columns + i);
  const below = at + 5 * columns;
  for (let n = 0; n < 5; n++) {
    const one = (carried[at + n] ?? 0) * (1 - fx) + (carried[at + 5 + n] ?? 0) * fx;
    const other = (carried[below + n] ?? 0) * (1 - fx) + (carried[below + 5 + n] ?? 0) * fx;
    into[n] = one * (1 - fy) + other * fy;
  }
}

/** Lays one grain: x, y, radius, how much of it is seen, and its colour. */
function lay(grain: Float32Array, frame: Uint8ClampedArray, width: number, height: number): void {
  const [x = 0, y = 0, radius = 0, seen = 0] = grain;
  const rim = radius + 0.5;
  const there = seen * Math.min(2 * radius, 1);
  const [right, bottom] = [
    Math.min(Math.floor(x + rim), width - 1),
    Math.min(Math.floor(y + rim), height - 1),
  ];
  for (let j = Math.max(Math.ceil(y - rim), 0); j <= bottom; j++) {
    for (let i = Math.max(Math.ceil(x - rim), 0); i <= right; i++) {
      const [dx, dy] = [x - i, y - j];
      const away = Math.sqrt(dx * dx + dy * dy);
      if (away >= rim) continue;
      const share = there * Math.min(rim - away, 1);
      const light = 1 + (LIGHT * seen * (0.5 * dx + 0.85 * dy)) / rim;
      const at = 4 * (j * width + i);
      for (let c = 0; c < 3; c++) {
        const under = frame[at + c] ?? 0;
        frame[at + c] = under + share * (Math.min((grain[4 + c] ?? 0) * light, 255) - under);
      }
    }
  }
}

function mirrored(at: number, size: number): number {
  const turn = 2 * (size - 1);
  const place = Math.abs(at) % turn;
  return Math.min(place, turn - place);
}
