/** What `forkframe/engines/builtin/sand.py` says of grains, for every way of drawing them in the browser. */

import type { Grains } from "./fieldfile";

/** From the lowest to the highest; even ones arrive, odd ones leave. */
export const LAYERS = 6;
/** How far two layers each fly, in shares of the wind. */
export const REACHES = [0.2, 0.5, 1] as const;
/** The share of the time around its switch for which a place's grains leave, and for which others arrive. */
export const PART = 0.62;
/** Of a middling grain, in cells, and by which share others are larger or smaller. */
export const [RADIUS, SIZES] = [0.35, 0.3];
/** How far from the middle of its cell a grain may lie, in cells. */
export const JITTER = 0.38;
/** By which share of its flight a grain may be gone sooner. */
export const HASTE = 0.8;
/** What a grain has lost at the end of its flight, as in a haze. */
export const FADE = 0.5;
/** The share of a flight in which a grain parts from its picture. */
export const LIFT = 0.12;
/** How much the light from above and the left shows on a grain, and by how much grains differ in brightness. */
export const [LIGHT, TONES] = [0.23, 0.09];
/** How much of the wind turns with the place, and how often along the shorter way over the frame. */
export const [SWIRL, SWIRLS] = [0.4, 2.5];
export const [PAIR_SALT, GRAIN_SALT] = [0x51ed270b, 0x2c1b3c6d];

const FEWEST_PIXELS = 3;

/** The cells of every layer: how many, and how wide one is, in pixels. */
export interface Lattice {
  readonly rows: number;
  readonly columns: number;
  readonly cell: number;
}

/** The lattice that covers a frame, with a cell to spare at every border. */
export function lattice({ size }: Grains, width: number, height: number): Lattice {
  const cell = Math.max(size * Math.sqrt(height * width), FEWEST_PIXELS);
  return { rows: Math.ceil(height / cell) + 2, columns: Math.ceil(width / cell) + 3, cell };
}

/** 32 bits for a cell: Wellons' lowbias32 (2018) of two coordinates and a salt. */
export function hashed(i: number, j: number, salt: number): number {
  let h = (Math.imul(i, 0x9e3779b1) + Math.imul(j, 0x85ebca77) + salt) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

export function salted(seed: number, layer: number, salt: number): number {
  return (seed + Math.imul(salt, layer + 1)) >>> 0;
}

/** Byte n of a hash, as −1…1. */
export function random(hash: number, n: number): number {
  return ((hash >>> (8 * n)) & 255) * (2 / 255) - 1;
}

export function smooth(x: number): number {
  return x * x * (3 - 2 * x);
}
