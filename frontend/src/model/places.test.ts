/** Room is found near by, and never where something lies. */

import { expect, it } from "vitest";
import { fakeEdge, fakeNode } from "../harness/rows";
import { Doc, emptyRows } from "./doc";
import { newId } from "./ids";
import { around, boxAt, freeShift, freeSpots, grid, occupied, overlap, roomBetween } from "./places";

const CARD = { width: 240, height: 135 };

it("a grid is wider than high, around its centre, without overlaps", () => {
  for (const count of [1, 2, 3, 7, 50]) {
    const boxes = grid({ x: 100, y: 50 }, count, CARD).map((at) => boxAt(at, CARD));
    const whole = around(boxes);
    expect(whole && whole.x + whole.width / 2).toBeCloseTo(100);
    expect(boxes.some((one, i) => boxes.slice(i + 1).some((other) => overlap(one, other)))).toBe(false);
    if (count > 3 && whole) expect(whole.width).toBeGreaterThan(whole.height);
  }
});

it("what lies free already is not moved", () => {
  const far = boxAt({ x: 5000, y: 0 }, CARD);
  expect(freeShift([boxAt({ x: 0, y: 0 }, CARD)], [far], { x: 10, y: 10 })).toEqual({ x: 0, y: 0 });
});

it("spots lie around the centre, the nearest first, each free of the others and of what is there", () => {
  const taken = [boxAt({ x: 0, y: 0 }, CARD)];
  const spots = freeSpots({ x: 0, y: 0 }, 12, CARD, taken);
  const boxes = [...taken, ...spots.map((at) => boxAt(at, CARD))];
  expect(boxes.some((one, i) => boxes.slice(i + 1).some((other) => overlap(one, other)))).toBe(false);
  const room = roomBetween(CARD);
  const far = spots.map(({ x, y }) =>
    Math.max(Math.abs(x / (CARD.width + room.x)), Math.abs(y / (CARD.height + room.y))),
  );
  expect(Math.max(...far)).toBeLessThanOrEqual(2);
  expect(far[0]).toBe(1);
});

it("between cards that are put down together there is room for the film tiles of edges, whatever their shape", () => {
  for (const card of [CARD, { width: 240, height: 240 }]) {
    const spots = grid({ x: 0, y: 0 }, 7, card);
    const tile = { width: 96, height: (96 * card.height) / card.width };
    const [first, beside] = spots;
    const below = spots.find(({ x, y }) => x === first?.x && y !== first.y);
    for (const other of [beside, below]) {
      if (!first || !other) throw new Error("the grid has one row");
      const middle = boxAt({ x: (first.x + other.x) / 2, y: (first.y + other.y) / 2 }, tile);
      expect(spots.some((spot) => overlap(middle, boxAt(spot, card), 12))).toBe(false);
    }
  }
});

it("what is put down does not cover the film tile of an edge", () => {
  const rows = emptyRows();
  for (const one of [fakeNode(0, 0, 0), fakeNode(1, 800, 0)]) rows.nodes.set(one.id, one);
  const edge = fakeEdge("e", 0, 1);
  rows.edges.set(edge.id, edge);
  const doc = new Doc();
  doc.reset(rows, 1);
  const [spot] = freeSpots({ x: 400, y: 0 }, 1, CARD, occupied(doc));
  expect(spot && overlap(boxAt(spot, CARD), boxAt({ x: 400, y: 0 }, { width: 96, height: 54 }))).toBe(false);
});

it("where all around is full, it goes below everything", () => {
  const wall = { x: -1e6, y: -1e6, width: 2e6, height: 2e6 };
  const [spot] = freeSpots({ x: 0, y: 0 }, 1, CARD, [wall]);
  expect(spot && spot.y - CARD.height / 2).toBeGreaterThan(1e6);
});

it("ids have the form that the server asks for, and differ", () => {
  const ids = Array.from({ length: 500 }, () => newId("e"));
  for (const id of ids) expect(id).toMatch(/^e[0-9a-hjkmnp-tv-z]{10}$/);
  expect(new Set(ids).size).toBe(500);
});
