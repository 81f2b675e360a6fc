/** A picture with another one's palette, without WebGL: what `RECOLOUR` in morph.shaders.ts does. */

import { TABLE_SIDE } from "./fieldfile";

/** One colour, three numbers, written over. */
type Colour = Float32Array;

/** sRGB 0–255 as linear light 0–1. */
const LINEAR = Float32Array.from({ length: 256 }, (_, i) =>
  i / 255 > 0.04045 ? ((i / 255 + 0.055) / 1.055) ** 2.4 : i / 255 / 12.92,
);
const [WHITE_X, WHITE_Z] = [0.950456, 1.088754]; // D65

/**
 * @param rgba  sRGB, any number of pixels.
 * @param palette  `(17, 17, 17, 3)`, see `Field.palettes`.
 * @returns The recoloured pixels, likewise; alpha as it was.
 */
export function recoloured(rgba: Uint8ClampedArray, palette: Float32Array): Uint8ClampedArray {
  const out = new Uint8ClampedArray(rgba);
  const [lab, move] = [new Float32Array(3), new Float32Array(3)];
  for (let i = 0; i < rgba.length; i += 4) {
    toLab(LINEAR[rgba[i] ?? 0] ?? 0, LINEAR[rgba[i + 1] ?? 0] ?? 0, LINEAR[rgba[i + 2] ?? 0] ?? 0, lab);
    lookUp(palette, lab, move);
    for (let c = 0; c < 3; c++) lab[c] = (lab[c] ?? 0) + (move[c] ?? 0);
    toSrgb(lab, out, i);
  }
  return out;
}

/** Linear light as Lab, each divided by 100. */
function toLab(r: number, g: number, b: number, lab: Colour): void {
  const x = curve((0.412453 * r + 0.35758 * g + 0.180423 * b) / WHITE_X);
  const y = curve(0.212671 * r + 0.71516 * g + 0.072169 * b);
  const z = curve((0.019334 * r + 0.119193 * g + 0.950227 * b) / WHITE_Z);
  lab[0] = 1.16 * y - 0.16;
  lab[1] = 5 * (x - y);
  lab[2] = 2 * (y - z);
}

function curve(share: number): number {
  return share > 0.008856 ? Math.cbrt(share) : 7.787037 * share + 16 / 116;
}

function uncurve(f: number): number {
  return f > 0.206893 ? f ** 3 : (f - 16 / 116) / 7.787037;
}

/** Lab as three bytes of sRGB at `at`; what lies outside the gamut is clipped. */
function toSrgb(lab: Colour, out: Uint8ClampedArray, at: number): void {
  const f = ((lab[0] ?? 0) + 0.16) / 1.16;
  const x = uncurve(f + (lab[1] ?? 0) / 5) * WHITE_X;
  const y = uncurve(f);
  const z = uncurve(f - (lab[2] ?? 0) / 2) * WHITE_Z;
  out[at] = gamma(3.240479 * x - 1.53715 * y - 0.498535 * z);
  out[at + 1] = gamma(-0.969256 * x + 1.875991 * y + 0.041556 * z);
  out[at + 2] = gamma(0.055648 * x - 0.204043 * y + 1.057311 * z);
}

/** Linear light as sRGB 0–255, or beyond. */
function gamma(linear: number): number {
  return 255 * (linear > 0.0031308 ? 1.055 * linear ** (1 / 2.4) - 0.055 : 12.92 * linear);
}

/** How far the palette moves a colour: trilinear; outside the table as its nearest face does. */
function lookUp(palette: Float32Array, lab: Colour, move: Colour): void {
  const steps = TABLE_SIDE - 1;
  const x = within((lab[0] ?? 0) * steps, steps);
  const y = within((((lab[1] ?? 0) + 0.9) / 1.8) * steps, steps);
  const z = within((((lab[2] ?? 0) + 0.9) / 1.8) * steps, steps);
  const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  move.fill(0);
  for (let corner = 0; corner < 8; corner++) {
    const [di, dj, dk] = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const share = (di ? x - i : i + 1 - x) * (dj ? y - j : j + 1 - y) * (dk ? z - k : k + 1 - z);
    const at = 3 * (((i + di) * TABLE_SIDE + j + dj) * TABLE_SIDE + k + dk);
    for (let c = 0; c < 3; c++) move[c] = (move[c] ?? 0) + share * (palette[at + c] ?? 0);
  }
}

function within(place: number, steps: number): number {
  return Math.min(Math.max(place, 0), steps - 0.001);
}
