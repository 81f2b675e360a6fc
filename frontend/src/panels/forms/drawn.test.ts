/** What is left of a line that a hand drew. */

import { describe, expect, it } from "vitest";
import type { Point } from "../../model/along";
import { drawn, keyed } from "./drawn";

const wave = Array.from({ length: 400 }, (_, i): Point => [i / 399, 0.5 + 0.3 * Math.sin(i / 40)]);

describe("a drawn line", () => {
  it("keeps its ends and its shape in few points", () => {
    const kept = drawn(wave, 64);
    expect(kept.length).toBeLessThan(40);
    expect([kept[0], kept.at(-1)?.[0]]).toEqual([[0, 0.5], 1]);
    for (const [x, y] of wave) {
      const after = kept.findIndex((point) => point[0] >= x);
      const [a, b] = [kept[Math.max(0, after - 1)] ?? [0, 0], kept[after] ?? [1, 1]];
      const share = b[0] > a[0] ? (x - a[0]) / (b[0] - a[0]) : 0;
      expect(Math.abs(a[1] + share * (b[1] - a[1]) - y)).toBeLessThan(0.02);
    }
  });

  it("never has more points than are allowed", () => {
    expect(drawn(wave, 5).length).toBeLessThanOrEqual(5);
  });

  it("is the way from the middle where somebody only clicked", () => {
    expect(drawn([[0.2, 0.8]], 64)).toEqual([
      [0.5, 0.5],
      [0.2, 0.8],
    ]);
  });
});

describe("keys", () => {
  it("lead on from the last point, first of all from the middle, and stay in the picture", () => {
    const one = keyed([], "ArrowRight", false, 64) ?? [];
    expect(one).toEqual([
      [0.5, 0.5],
      [0.6, 0.5],
    ]);
    expect(keyed(one, "ArrowUp", true, 64)?.at(-1)).toEqual([0.6, 0.475]);
    expect(keyed([[0.95, 0.5]], "ArrowRight", false, 64)?.at(-1)).toEqual([1, 0.5]);
  });

  it("take back the last point and at last the line, and mean nothing else", () => {
    const line: Point[] = [
      [0.5, 0.5],
      [0.6, 0.5],
      [0.7, 0.5],
    ];
    expect(keyed(line, "Backspace", false, 64)).toHaveLength(2);
    expect(keyed(line.slice(0, 2), "Backspace", false, 64)).toBeNull();
    expect(keyed(line, "Delete", false, 64)).toBeNull();
    expect(keyed(line, "x", false, 64)).toBeUndefined();
    expect(keyed(line, "ArrowUp", false, 3)).toBeUndefined();
  });
});
