/** The document: what was done here shows at once, what the server says holds in the end. */

import { describe, expect, it } from "vitest";
import type { Edit, Node } from "./rows";
import { candidate, docOf, edge, node, rendering, rowsOf, take } from "./samples";

const moved = (row: Node, x: number): Edit => ({ table: "nodes", id: row.id, row: { ...row, x } });

describe("a change that was made here", () => {
  it("shows at once, and vanishes when it is refused", () => {
    const a = node("n1");
    const doc = docOf({ nodes: [a] });
    doc.propose("o1", [moved(a, 50)]);
    expect(doc.nodes.get("n1")?.x).toBe(50);
    doc.refuse("o1");
    expect(doc.nodes.get("n1")).toEqual(a);
  });

  it("leaves alone what somebody else sets on the same row meanwhile", () => {
    const a = node("n1");
    const doc = docOf({ nodes: [a] });
    doc.propose("o1", [moved(a, 50)]);
    doc.confirm(2, "theirs", [{ table: "nodes", id: "n1", row: { ...a, label: "sea", x: 7 } }]);
    expect(doc.nodes.get("n1")).toMatchObject({ x: 50, label: "sea" });
    doc.refuse("o1");
    expect(doc.nodes.get("n1")).toMatchObject({ x: 7, label: "sea" });
  });

  it("does not bring back what somebody deleted", () => {
    const a = node("n1");
    const doc = docOf({ nodes: [a] });
    doc.propose("o1", [moved(a, 50)]);
    doc.confirm(2, "theirs", [{ table: "nodes", id: "n1", row: null }]);
    expect(doc.nodes.has("n1")).toBe(false);
  });

  it("on something new goes with it, if that is refused", () => {
    const doc = docOf({});
    const a = node("n1");
    doc.propose("o1", [{ table: "nodes", id: "n1", row: a }]);
    doc.propose("o2", [moved(a, 50)]);
    doc.refuse("o1");
    expect(doc.nodes.size).toBe(0);
  });

  it("is settled by its answer when its delta had come before", () => {
    const a = node("n1");
    const doc = docOf({ nodes: [a] });
    doc.propose("o1", [moved(a, 50)]);
    doc.confirm(3, "later", [{ table: "nodes", id: "n1", row: { ...a, x: 9 } }]);
    doc.answered("o1", 2);
    expect(doc.nodes.get("n1")?.x).toBe(9);
  });

  it("that was answered while the line was lost is settled by starting over", () => {
    const a = node("n1");
    const doc = docOf({ nodes: [a] });
    doc.propose("o1", [moved(a, 50)]);
    doc.answered("o1", 2);
    expect(doc.nodes.get("n1")?.x).toBe(50);
    doc.reset(rowsOf({ nodes: [{ ...a, x: 70 }] }), 5);
    expect(doc.nodes.get("n1")?.x).toBe(70);
  });

  it("that was not answered stays on top of everything fetched anew", () => {
    const a = node("n1");
    const doc = docOf({ nodes: [a] });
    doc.propose("o1", [moved(a, 50)]);
    doc.reset(rowsOf({ nodes: [{ ...a, label: "sea" }] }), 5);
    expect(doc.nodes.get("n1")).toMatchObject({ x: 50, label: "sea" });
  });
});

it("a confirmed change that is known already changes nothing", () => {
  const a = node("n1");
  const doc = docOf({ nodes: [a] }, 4);
  doc.confirm(4, "o1", [moved(a, 50)]);
  expect(doc.nodes.get("n1")?.x).toBe(0);
});

it("whatever was proposed, answered and refused in whatever order, the server's rows are left", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  for (let round = 0; round < 50; round++) {
    const rows = [node("n1"), node("n2"), node("n3")];
    const doc = docOf({ nodes: rows });
    const truth = new Map(rows.map((row) => [row.id, row]));
    const open: string[] = [];
    let seq = 1;
    for (let i = 0; i < 30; i++) {
      const id = `n${1 + random(3)}`;
      const shown = doc.nodes.get(id);
      if (random(2) === 0 && shown) {
        open.push(`o${i}`);
        doc.propose(`o${i}`, [random(8) ? moved(shown, i) : { table: "nodes", id, row: null }]);
        continue;
      }
      const op = random(2) ? open.splice(random(open.length || 1), 1)[0] : undefined;
      const row = truth.get(id);
      if (op && random(3) === 0) doc.refuse(op);
      else if (row) {
        truth.set(id, { ...row, y: i });
        seq += 1;
        doc.confirm(seq, op ?? "theirs", [{ table: "nodes", id, row: { ...row, y: i } }]);
      }
    }
    for (const op of open) doc.refuse(op);
    expect(new Map(doc.nodes)).toEqual(truth);
  }
});

it("knows what hangs on what through adding, deleting and starting over", () => {
  const [a, b] = [node("n1"), node("n2")];
  const e = edge("e1", "n1", "n2");
  const doc = docOf({ nodes: [a, b], edges: [e], takes: [take(e)], candidates: [candidate("c1", "n1")] });
  const hanging = () =>
    [doc.edgesOf("n1"), doc.edgesOf("n2"), doc.takesOf("e1"), doc.candidatesOf("n1")].map((s) => s.size);
  expect(hanging()).toEqual([1, 1, 1, 1]);
  doc.propose("o1", [
    { table: "edges", id: "e1", row: null },
    { table: "takes", id: "t-e1", row: null },
    { table: "candidates", id: "c1", row: null },
  ]);
  expect(hanging()).toEqual([0, 0, 0, 0]);
  doc.refuse("o1");
  expect(hanging()).toEqual([1, 1, 1, 1]);
  doc.reset(rowsOf({ nodes: [a, b] }), 9);
  expect(hanging()).toEqual([0, 0, 0, 0]);
});

it("tells listeners what changed, deleted rows included", () => {
  const doc = docOf({ nodes: [node("n1"), node("n2")] });
  const told: string[][] = [];
  const stop = doc.subscribe((changed) => told.push([...changed].sort()));
  doc.confirm(2, "o1", [{ table: "nodes", id: "n1", row: null }]);
  doc.reset(rowsOf({}), 3);
  stop();
  doc.confirm(4, "o2", [{ table: "nodes", id: "n3", row: node("n3") }]);
  expect(told).toEqual([["n1"], ["n2", "workspace"]]);
});

describe("a tray", () => {
  const three = ["c1", "c2", "c3"].map((id) => candidate(id, "n1"));
  const renderings = three.map((one) => rendering(one.rendering));
  const [first] = three;
  const without: Edit = { table: "candidates", id: "c1", row: null };

  it("takes a candidate that undo brings back in its place", () => {
    const doc = docOf({ nodes: [node("n1")], renderings, candidates: three });
    doc.confirm(2, "discard", [without]);
    expect([...doc.candidatesOf("n1")]).toEqual(["c2", "c3"]);
    doc.confirm(3, "undo", [{ table: "candidates", id: "c1", row: first ?? null }]);
    expect([...doc.candidatesOf("n1")]).toEqual(["c1", "c2", "c3"]);
    doc.propose("again", [without]);
    doc.refuse("again");
    expect([...doc.candidatesOf("n1")]).toEqual(["c1", "c2", "c3"]);
  });

  it("is in the same order after everything was fetched anew, where what came back is the last row", () => {
    const [c1, ...others] = three;
    const doc = docOf({ nodes: [node("n1")], renderings, candidates: c1 ? [...others, c1] : others });
    expect([...doc.candidatesOf("n1")]).toEqual(["c1", "c2", "c3"]);
  });
});
