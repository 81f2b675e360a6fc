/** A path in time: it counts frames as the exported film does, and never jumps at a joint. */

import { describe, expect, it } from "vitest";
import { momentAt, pathFrames, pathSeconds, spans, startOf } from "./pacing";
import type { Step } from "./rows";
import { docOf, edge, node, rendering, take } from "./samples";

const edges = [
  edge("e1", "n1", "n2", { frames: 73 }),
  edge("e2", "n2", "n3", { frames: 25 }),
  edge("e3", "n3", "n1", { frames: 49 }),
];
const doc = docOf({ nodes: [node("n1"), node("n2"), node("n3")], edges });
const step = (name: string, rest: Partial<Step> = {}): Step => ({
  edge: name.replace("-", ""),
  reverse: name.startsWith("-"),
  take: null,
  speed: 1,
  hold: 0,
  ...rest,
});

it("a path at its own speed has the sum of (F − 1), plus 1, frames", () => {
  expect(pathFrames(doc, [step("e1"), step("e2"), step("e3")])).toBe(72 + 24 + 48 + 1);
  expect(pathFrames(doc, [step("e1"), step("-e1")])).toBe(145);
  expect(pathFrames(doc, [])).toBe(0);
});

it("a step at speed s lasts (F − 1) / s frames, halves rounded up, and then is held", () => {
  const steps = [step("e1", { speed: 2, hold: 10 }), step("e2", { speed: 10 }), step("e3", { speed: 0.5 })];
  expect(spans(doc, steps).map(({ moving, hold }) => [moving, hold])).toEqual([
    [36, 10],
    [2, 0],
    [96, 0],
  ]);
  expect(pathFrames(doc, steps)).toBe(145);
  expect(pathFrames(doc, [step("e1", { speed: 0.7 })])).toBe(104);
  expect(startOf(doc, steps, 2)).toBe(2);
});

it("a pinned take counts with its own length", () => {
  const cut = docOf({
    nodes: [node("n1"), node("n2")],
    edges: edges.slice(0, 1),
    takes: [take(edge("e1", "n1", "n2"), { first: 10, last: 30 })],
    renderings: [rendering("r-e1")],
  });
  expect(pathFrames(cut, [step("e1", { take: "t-e1" })])).toBe(21);
  expect(pathFrames(cut, [step("e1")])).toBe(73);
});

it("a step over a deleted edge takes no time", () => {
  expect(pathFrames(doc, [step("e1"), step("e9"), step("e2")])).toBe(97);
  expect(momentAt(doc, [step("e9"), step("e2")], 0.5)).toEqual({ step: 1, t: 0.5, reverse: false });
});

describe("a moment", () => {
  const steps = [step("e1"), step("-e2", { hold: 24 }), step("e3")];
  it("falls on a step, at a place of its edge", () => {
    expect(momentAt(doc, steps, 0)).toEqual({ step: 0, t: 0, reverse: false });
    expect(momentAt(doc, steps, 1.5)).toEqual({ step: 0, t: 0.5, reverse: false });
    expect(momentAt(doc, steps, 3.25)).toEqual({ step: 1, t: 0.75, reverse: true });
    expect(momentAt(doc, steps, 4.5)).toEqual({ step: 1, t: 0, reverse: true });
    expect(momentAt(doc, steps, 99)).toEqual({ step: 2, t: 1, reverse: false });
    expect(momentAt(doc, [], 1)).toBe(null);
  });
  it("moves evenly: equal times are equal shares of a step, on both sides of a joint", () => {
    const seconds = pathSeconds(doc, [step("e1"), step("e2")]);
    expect(seconds).toBe(4);
    const frames = Array.from({ length: 97 }, (_, frame) => {
      const moment = momentAt(doc, [step("e1"), step("e2")], frame / 24);
      return moment ? (moment.step === 0 ? moment.t * 72 : 72 + moment.t * 24) : Number.NaN;
    });
    for (const [frame, place] of frames.entries()) expect(place).toBeCloseTo(frame, 6);
  });
});
