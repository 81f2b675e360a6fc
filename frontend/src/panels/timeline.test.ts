// Panels show a path at the seconds the model gives it, in the direction each step is walked.

import { expect, it } from "vitest";
import { Doc, emptyRows } from "../model/doc";
import type { Edge, Settings, Step } from "../model/rows";
import { momentAt, timelineOf } from "./timeline";

const step = (edge: string, values: Partial<Step> = {}): Step => ({
  edge,
  reverse: false,
  take: null,
  speed: 1,
  hold: 0,
  ...values,
});

function workspace(): Doc {
  const rows = emptyRows();
  const frame = { width: 48, height: 32, fps: "24" };
  rows.settings.set("workspace", {
    id: "workspace",
    frame,
    fps: "24",
    background: [0, 0, 0],
  } satisfies Settings);
  for (const [id, source, target, frames] of [["e1", "a", "b", 49] as const, ["e2", "c", "b", 25] as const]) {
    rows.edges.set(id, { id, source, target, frames, active: null, hidden: false } as Edge);
  }
  const doc = new Doc();
  doc.reset(rows, 1);
  return doc;
}

it("speeds and holds add up", () => {
  const line = timelineOf([step("e1", { speed: 2 }), step("e2", { hold: 12 })], workspace());
  expect(line.spans.map((span) => [span.start, span.arrives, span.end])).toEqual([
    [0, 1, 1],
    [1, 2, 2.5],
  ]);
  expect(line.total).toBe(2.5);
});

it("a step that is walked backwards shows its end first", () => {
  const line = timelineOf([step("e1"), step("e2", { reverse: true })], workspace());
  expect(momentAt(line, 2)).toMatchObject({ span: { edge: "e2" }, t: 1 });
  expect(momentAt(line, 2.75)).toMatchObject({ t: 0.25 });
});

it("while it holds, and after the end, the last picture stays", () => {
  const line = timelineOf([step("e1", { hold: 24 })], workspace());
  expect([momentAt(line, 2.5)?.t, momentAt(line, 99)?.t, momentAt(line, -1)?.t]).toEqual([1, 1, 0]);
});

it("steps over deleted edges take no time, and no steps are no moment", () => {
  expect(timelineOf([step("gone"), step("e2")], workspace())).toMatchObject({
    total: 1,
    spans: [{ index: 1 }],
  });
  expect(momentAt(timelineOf([], workspace()), 0)).toBeNull();
});
