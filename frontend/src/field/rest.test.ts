/** A pointer that rests on an edge: the edge plays, the hand takes over, and so do the keys. */

import { expect, it } from "vitest";
import { RESTING, Rest } from "./rest";

const AT = { x: 10, y: 10 };

/** An edge of a second that plays since a tenth of it. */
function playing(): Rest {
  const rest = new Rest();
  rest.point("e1", 0.5, AT, 0);
  rest.step(RESTING, 1, false);
  rest.step(RESTING + 100, 1, false);
  rest.tell();
  return rest;
}

it("plays an edge from its beginning after a while", () => {
  const rest = playing();
  expect([rest.playing, rest.t]).toEqual([true, expect.closeTo(RESTING / 1000 + 0.1)]);
});

it("goes on from what it said itself", () => {
  const rest = playing();
  const said = rest.tell();
  rest.follow(said);
  rest.step(RESTING + 150, 1, false);
  expect(rest.t).toBeCloseTo(said + 0.05);
});

it("stays where keys went, also before it plays, until the pointer moves", () => {
  const waiting = new Rest();
  waiting.point("e1", 0.5, AT, 0);
  for (const rest of [waiting, playing()]) {
    rest.follow(0.75);
    for (const now of [1000, 5000, 9000]) rest.step(now, 1, false);
    expect([rest.playing, rest.t]).toEqual([true, 0.75]);
    rest.point("e1", 0.2, { x: 30, y: 10 }, 9000);
    expect(rest.t).toBe(0.2);
    rest.step(9900, 1, false);
    rest.step(10_000, 1, false);
    expect(rest.t).toBeGreaterThan(0.2);
  }
});

it("is seen to grow however slow pictures come", () => {
  const rest = playing();
  expect(rest.grown).toBeGreaterThan(0);
  const next = new Rest();
  next.point("e1", 0.5, AT, 0);
  next.step(5000, 1, false);
  expect(next.grown).toBe(0.5);
});
