/** The tile of what plays: small at first, large soon, and small again for the next edge. */

import { expect, it } from "vitest";
import { Growing } from "./growing";
import { GROWING } from "./rest";

it("grows in a while, and anew for each edge", () => {
  const growing = new Growing();
  const seen = [0, GROWING / 2, GROWING, 2 * GROWING].map((now) => [
    growing.step("e1", now, false),
    growing.grown,
  ]);
  expect(seen).toEqual([
    [true, 0],
    [true, 0.5],
    [false, 1],
    [false, 1],
  ]);
  expect([growing.step("e2", 3 * GROWING, false), growing.grown]).toEqual([true, 0]);
});

it("is seen to grow also where pictures come seldom", () => {
  const growing = new Growing();
  const seen = [0, 9 * GROWING, 18 * GROWING].map((now) => [growing.step("e1", now, false), growing.grown]);
  expect(seen).toEqual([
    [true, 0],
    [true, 0.5],
    [false, 1],
  ]);
});

it("is large at once where nothing is to move by itself, and rests where nothing plays", () => {
  const growing = new Growing();
  expect([growing.step("e1", 0, true), growing.grown]).toEqual([false, 1]);
  expect(growing.step(null, 10, false)).toBe(false);
});
