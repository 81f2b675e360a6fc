/** Clicks that follow one another: two on a thing open it, two on a badge are one. */

import { expect, it } from "vitest";
import { Clicks } from "./clicks";
import type { Under } from "./pointer";

const at = { x: 100, y: 100 };
const node: Under = { kind: "node", id: "n1" };
const badge: Under = { kind: "badge", id: "n1" };

function heard(...clicks: [Under, number, number?][]): string[] {
  const all = new Clicks();
  return clicks.map(([under, when, x = 100]) => all.heard(under, { ...at, x }, when));
}

it("pairs two that are soon, near, and on the same thing", () => {
  expect(heard([node, 0], [node, 200], [node, 400], [node, 600])).toEqual([
    "first",
    "second",
    "first",
    "second",
  ]);
  expect(heard([node, 0], [node, 400])).toEqual(["first", "first"]);
  expect(heard([node, 0], [node, 200, 120])).toEqual(["first", "first"]);
  expect(heard([node, 0], [{ kind: "node", id: "n2" }, 200])).toEqual(["first", "first"]);
  expect(heard([null, 0], [null, 200])).toEqual(["first", "second"]);
});

it("takes those that follow one on a badge for the same one, whatever they meet", () => {
  expect(heard([badge, 0], [badge, 200], [node, 400], [node, 600])).toEqual([
    "first",
    "one more",
    "one more",
    "one more",
  ]);
  expect(heard([badge, 0], [node, 400], [node, 600])).toEqual(["first", "first", "second"]);
});
