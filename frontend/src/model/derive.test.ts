/** What an edge is up to, and when its take no longer fits: as src/forkframe/studio/views.py says. */

import { describe, expect, it } from "vitest";
import { cardSize, edgeState, fpsOf, framesIn, isStale, nodesOn, openJobs, rate } from "./derive";
import type { Edge, Job, Take } from "./rows";
import { board, docOf, edge, job, node, rendering, take } from "./samples";

function scene(of: Partial<Edge> = {}, taken: Partial<Take> | null = {}) {
  const e = edge("e1", "n1", "n2", { active: "t-e1", ...of });
  const doc = docOf({
    nodes: [node("n1"), node("n2")],
    edges: [e],
    takes: taken ? [take(edge("e1", "n1", "n2"), taken)] : [],
    renderings: [rendering("r-e1")],
  });
  return { doc, e };
}

const jobs = (...all: Job[]) => new Map(all.map((one) => [one.id, one]));

describe("a take is stale", () => {
  it("not when it was made for just this edge", () => {
    const { doc, e } = scene();
    expect(edgeState(doc, jobs(), e)).toMatchObject({ state: "ready", tier: "draft", seconds: 3 });
  });
  it("when a picture at an end changed", () => {
    const { doc, e } = scene({}, { ends: ["pixels-n1", "former"] });
    expect(edgeState(doc, jobs(), e).state).toBe("stale");
  });
  it("when the edge has another length", () => {
    const { doc, e } = scene({ frames: 49 });
    expect(edgeState(doc, jobs(), e)).toMatchObject({ state: "stale", seconds: 3 });
  });
  it("when the workspace has another frame", () => {
    for (const frame of [
      [1280, 704, "24"],
      [1280, 720, "25"],
    ] as [number, number, string][]) {
      const e = edge("e1", "n1", "n2");
      const doc = docOf({
        nodes: [node("n1"), node("n2")],
        edges: [e],
        renderings: [rendering("r-e1", { frame })],
      });
      expect(isStale(doc, e, take(e))).toBe(true);
    }
  });
  it("never when it failed: there is nothing of it", () => {
    const { doc, e } = scene();
    expect(isStale(doc, e, take(e, { rendering: null, ends: [] }))).toBe(false);
  });
});

describe("an edge", () => {
  it("runs as long as a job for it does, and shows its take meanwhile", () => {
    const { doc, e } = scene();
    const open = jobs(job("j1", "e1"), job("j2", "e1", { state: "running", share: 0.4, doing: "matching" }));
    expect(edgeState(doc, open, e)).toMatchObject({
      state: "running",
      share: 0.4,
      doing: "matching",
      tier: "draft",
      take: { id: "t-e1" },
    });
    expect(openJobs(open, "e1").map((one) => one.id)).toEqual(["j1", "j2"]);
  });
  it("waits in the queue", () => {
    const { doc, e } = scene({ active: null }, null);
    expect(edgeState(doc, jobs(job("j1", "e1", { state: "waiting" })), e).state).toBe("queued");
    expect(edgeState(doc, jobs(job("j1", "e2")), e).state).toBe("none");
  });
  it("failed with the reason of its latest job, as long as there is nothing to show", () => {
    const { doc, e } = scene({ active: null }, null);
    const failed = jobs(
      job("j2", "e1", { state: "failed", failure: "disk full", hint: "make room", created: "2026-01-02" }),
      job("j1", "e1", { state: "failed", failure: "first", created: "2026-01-01" }),
    );
    expect(edgeState(doc, failed, e)).toMatchObject({
      state: "failed",
      reason: "disk full",
      hint: "make room",
    });
    const shown = scene();
    expect(edgeState(shown.doc, failed, shown.e).state).toBe("ready");
  });
  it("failed with the reason that its take keeps, once the job is forgotten", () => {
    const { doc, e } = scene({ active: null }, { rendering: null, failure: "no such engine" });
    expect(edgeState(doc, jobs(), e)).toMatchObject({
      state: "failed",
      reason: "no such engine",
      take: null,
    });
  });
});

it("frames are counted from exact fractions", () => {
  expect(rate("30000/1001")).toBeCloseTo(29.97, 3);
  expect(fpsOf(undefined)).toBe(24);
  expect([framesIn(3, 24), framesIn(0.01, 24), framesIn(3, rate("30000/1001"))]).toEqual([73, 3, 91]);
});

it("a card is 240 units wide and as high as the frame wants", () => {
  expect(cardSize(docOf({}).settings)).toEqual({ width: 240, height: 135 });
});

it("on a board lies what has its centre inside", () => {
  const doc = docOf({ nodes: [node("n1", 10, 10), node("n2", 100, 10), node("n3", 101, 10)] });
  expect(nodesOn(doc, board("b1", 0, 0, 100, 50)).map((one) => one.id)).toEqual(["n1", "n2"]);
});
