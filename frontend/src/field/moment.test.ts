/** Which part of which rendering an edge shows. */

import { describe, expect, it } from "vitest";
import { fakeEdge, fakeNode, rendered } from "../harness/rows";
import { Doc, emptyRows, type Rows } from "../model/doc";
import type { Take } from "../model/rows";
import { edgeState, footage } from "./moment";
import { along } from "./walk";

function cutRows(): Rows {
  const rows = emptyRows();
  for (let i = 0; i < 3; i++) rows.nodes.set(`n${i}`, fakeNode(i, 400 * i, 0));
  const parent = { ...fakeEdge("e0", 0, 2), hidden: true };
  rendered(rows, parent);
  const [first, second] = [fakeEdge("ea", 0, 1), fakeEdge("eb", 1, 2)];
  for (const edge of [parent, first, second]) rows.edges.set(edge.id, edge);
  const middle = rows.nodes.get("n1");
  if (middle) middle.cut = { edge: "e0", frame: 18, halves: ["ea", "eb"] };
  const whole = rows.takes.get("te0") as Take;
  rows.takes.set("ta", { ...whole, id: "ta", owner: "ea", first: 0, last: 18, ends: ["h0", "h1"] });
  rows.takes.set("tb", { ...whole, id: "tb", owner: "eb", first: 18, last: 72, ends: ["h1", "h2"] });
  first.active = "ta";
  second.active = "tb";
  return rows;
}

function opened(rows: Rows): Doc {
  const doc = new Doc();
  doc.reset(rows, 1);
  return doc;
}

describe("a branch", () => {
  it.each([
    ["ea", 0, 0.25],
    ["eb", 0.25, 1],
  ])("%s shows its part of the whole rendering, between the pictures of the whole", (id, from, to) => {
    const rows = cutRows();
    const doc = opened(rows);
    const edge = doc.edges.get(id);
    expect(edge && footage(doc, edge)).toMatchObject({ from, to, ends: ["h0", "h2"], field: "field" });
  });

  it("finds the pictures at the uncut edge's nodes where no take spans the whole", () => {
    const rows = cutRows();
    rows.takes.delete("te0");
    const doc = opened(rows);
    const edge = doc.edges.get("eb");
    expect(edge && footage(doc, edge)?.ends).toEqual(["h0", "h2"]);
  });
});

describe("an edge", () => {
  it("is stale when its take was made for other pictures", () => {
    const rows = cutRows();
    const doc = opened(rows);
    const edge = doc.edges.get("ea");
    expect(edge && edgeState(doc, edge, undefined)).toMatchObject({ state: "ready", stale: false });
    const node = rows.nodes.get("n0");
    if (node) rows.nodes.set("n0", { ...node, framed: "h77" });
    doc.reset(rows, 2);
    expect(edge && edgeState(doc, edge, undefined)).toMatchObject({ state: "ready", stale: true });
  });

  it("without a take has no footage", () => {
    const rows = cutRows();
    rows.edges.set("ex", fakeEdge("ex", 0, 2));
    const doc = opened(rows);
    const edge = doc.edges.get("ex");
    expect(edge && [footage(doc, edge), edgeState(doc, edge, undefined).state]).toEqual([null, "empty"]);
  });
});

describe("a path", () => {
  const step = { take: null, hold: 0, speed: 1, reverse: false };

  it("goes through its edges at their speed, backwards where a step is reversed", () => {
    const doc = opened(cutRows());
    const steps = [
      { ...step, edge: "ea" },
      { ...step, edge: "eb", reverse: true, speed: 2 },
    ];
    expect(along(doc, steps, 1.5)).toEqual({ edge: "ea", t: 0.5 });
    expect(along(doc, steps, 3.75)).toEqual({ edge: "eb", t: 0.5 });
    expect(along(doc, steps, 99)).toEqual({ edge: "eb", t: 0 });
  });

  it("stands still while it holds", () => {
    const doc = opened(cutRows());
    expect(along(doc, [{ ...step, edge: "ea", hold: 24 }], 3.5)).toEqual({ edge: "ea", t: 1 });
  });
});
