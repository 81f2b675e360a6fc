/** Grains: the same numbers as the engine's, none in the air at either end, and no pixel left out of range. */

import { describe, expect, it } from "vitest";
import { type Field, PACE_STEPS } from "./fieldfile";
import { hashed, lattice, random, salted } from "./grains";
import { moments } from "./morph2d";
import { strew } from "./sand2d";

const [WIDTH, HEIGHT] = [96, 54];
const GRAINS = { size: 0.0046, wind: [0.12, -0.02], flight: 0.5, seed: 0xfedcba98 } as const;

function still(tau: number): Field {
  const [columns, rows] = [16, 9];
  const timing = {
    tau: new Float32Array(columns * rows).fill(tau),
    pace: Float32Array.from({ length: PACE_STEPS }, (_, i) => i / (PACE_STEPS - 1)),
  };
  return { columns, rows, v: new Float32Array(2 * columns * rows), timing, palettes: null, grains: GRAINS };
}

function flat(level: number): Uint8ClampedArray {
  return new Uint8ClampedArray(4 * WIDTH * HEIGHT).fill(level);
}

function strewn(t: number, under = 100): Uint8ClampedArray {
  const frame = flat(under);
  strew(frame, new Float32Array(flat(60)), new Float32Array(flat(200)), still(0.5), WIDTH, HEIGHT, t);
  return frame;
}

describe("grains", () => {
  it("are hashed as in the engine", () => {
    // forkframe.engines.builtin.sand.hashed of the same numbers
    expect([hashed(0, 0, 0), hashed(1, 2, 3), hashed(4095, 17, 0xffffffff)]).toEqual([
      0, 1717197270, 2428305889,
    ]);
    expect(salted(0xffffffff, 1, 0x51ed270b)).toBe((0xffffffff + 2 * 0x51ed270b) % 2 ** 32);
    expect([0, 1, 2, 3].map((n) => random(0xff00807f, n))).toEqual([
      127 * (2 / 255) - 1,
      128 * (2 / 255) - 1,
      -1,
      1,
    ]);
  });

  it("lie in cells of which a frame has as many at any size, unless they would be too small", () => {
    const [small, large] = [lattice(GRAINS, 1280, 720), lattice(GRAINS, 2560, 1440)];
    expect([small.rows, small.columns]).toEqual([large.rows, large.columns]);
    expect(large.cell).toBeCloseTo(2 * small.cell);
    expect(lattice(GRAINS, 192, 108)).toEqual({ rows: 38, columns: 67, cell: 3 });
  });

  it("are not in the air before and after the flight", () => {
    for (const t of [0, 0.24, 0.76, 1]) expect(strewn(t)).toEqual(flat(100));
  });

  it("have the first picture's colours before the switch, the second one's after it, and both between", () => {
    const [before, between, after] = [strewn(0.3), strewn(0.5), strewn(0.7)].map((frame) =>
      [...frame].filter((_, i) => i % 4 === 0),
    );
    expect(Math.min(...(before ?? []))).toBeLessThan(75);
    expect(Math.max(...(before ?? []))).toBe(100);
    expect(Math.max(...(after ?? []))).toBeGreaterThan(170);
    expect(Math.min(...(after ?? []))).toBe(100);
    expect(Math.min(...(between ?? []))).toBeLessThan(75);
    expect(Math.max(...(between ?? []))).toBeGreaterThan(170);
  });

  it("are drawn with the moments of a field in sand, whose ends stay the pictures", () => {
    const moment = moments(flat(60), flat(200), still(0.5), WIDTH, HEIGHT);
    expect(moment(0)).toEqual(flat(60));
    expect(new Set([...moment(0.5)].filter((_, i) => i % 4 === 0)).size).toBeGreaterThan(20);
    expect(moment(1)).toEqual(flat(200));
  });
});
