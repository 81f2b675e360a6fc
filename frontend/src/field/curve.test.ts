/** Lines of edges: parallel ones keep apart, all end at the cards. */

import { describe, expect, it } from "vitest";
import { CARD, emptyCurve, type Lane, lanesOf, middle, nearest, shape, xAt, yAt } from "./curve";

const HEIGHT = 135;
const ALONE: Lane = { lane: 0, lanes: 1, flip: false };
const edge = (id: string, source: string, target: string) => ({ id, source, target });

function line(x0: number, y0: number, x1: number, y1: number, lane: Lane = ALONE, zoom = 1) {
  const curve = emptyCurve();
  shape(curve, x0, y0, x1, y1, HEIGHT, lane, zoom);
  return curve;
}

describe("lanes", () => {
  const edges = [edge("e3", "a", "b"), edge("e1", "b", "a"), edge("e2", "a", "b"), edge("e9", "b", "c")];

  it("are the same whatever the order the edges come in", () => {
    expect(lanesOf([...edges].reverse())).toEqual(lanesOf(edges));
  });

  it("gives each edge between two nodes its own, those of one direction side by side", () => {
    const lanes = lanesOf(edges);
    expect(["e2", "e3", "e1", "e9"].map((id) => lanes.get(id))).toEqual([
      { lane: 0, lanes: 3, flip: false },
      { lane: 1, lanes: 3, flip: false },
      { lane: 2, lanes: 3, flip: true },
      { lane: 0, lanes: 1, flip: false },
    ]);
  });

  it.each([
    [0.1, 900, 0],
    [1, 900, 0],
    [1, 0, 700],
    [3, 500, 400],
  ])("lie at least 12 pixels apart in the middle, at zoom %f", (zoom, x, y) => {
    const there = line(0, 0, x, y, { lane: 0, lanes: 2, flip: false }, zoom);
    const back = line(x, y, 0, 0, { lane: 1, lanes: 2, flip: true }, zoom);
    const dx = xAt(there, middle(there)) - xAt(back, middle(back));
    const dy = yAt(there, middle(there)) - yAt(back, middle(back));
    expect(Math.hypot(dx, dy) * zoom).toBeGreaterThanOrEqual(11.5);
  });
});

describe("a line", () => {
  it("shows from the border of one card to the border of the other", () => {
    const curve = line(0, 0, 900, 0);
    expect(xAt(curve, curve.from)).toBeCloseTo(CARD / 2, -0.5);
    expect(xAt(curve, curve.to)).toBeCloseTo(900 - CARD / 2, -0.5);
  });

  it("knows the moment nearest to a point on it", () => {
    const curve = line(0, 0, 900, 300);
    for (const share of [0.1, 0.5, 0.8]) {
      const t = curve.from + (curve.to - curve.from) * share;
      const found = nearest(curve, xAt(curve, t), yAt(curve, t));
      expect(found.t).toBeCloseTo(share, 1);
      expect(found.distance).toBeLessThan(1);
    }
  });

  it("from a node to itself stands above its card", () => {
    const curve = line(50, 50, 50, 50);
    expect(yAt(curve, 0.5)).toBeLessThan(50 - HEIGHT / 2 - 40);
  });
});
