/** What a change shows before the server has answered is what the server will answer. */

import { expect, it } from "vitest";
import { type Change, plan } from "./changes";
import type { Doc } from "./doc";
import { board, candidate, docOf, edge, node, rendering, sequence, take } from "./samples";

function after(doc: Doc, change: Change): Doc {
  doc.propose("o1", plan(doc, change));
  return doc;
}

it("moving touches only nodes that are there", () => {
  const doc = after(docOf({ nodes: [node("n1")] }), {
    type: "MoveNodes",
    places: { n1: [4, 5], n9: [1, 1] },
  });
  expect([...doc.nodes.values()].map(({ id, x, y }) => [id, x, y])).toEqual([["n1", 4, 5]]);
});

it("fields are set on whatever has the id", () => {
  const doc = docOf({ boards: [board("b1", 0, 0, 10, 10)], nodes: [node("n1")] });
  after(doc, { type: "SetFields", id: "b1", values: { name: "moods" } });
  expect(doc.boards.get("b1")).toMatchObject({ name: "moods", width: 10 });
});

it("a new edge has no take yet, and needs both its nodes", () => {
  const doc = docOf({ nodes: [node("n1"), node("n2")] });
  const made = {
    id: "e1",
    source: "n1",
    target: "n2",
    frames: 73,
    engine: "builtin",
    parameters: {},
    label: "",
  };
  after(doc, { type: "AddEdge", edge: made });
  expect(doc.edges.get("e1")).toEqual({ ...made, roll: 0, motion: [], active: null, hidden: false });
  expect(plan(doc, { type: "AddEdge", edge: { ...made, id: "e2", target: "n9" } })).toEqual([]);
});

it("a kept candidate becomes a node that shows its picture, and leaves the tray", () => {
  const doc = docOf({
    nodes: [node("n1")],
    candidates: [candidate("c1", "n1", { label: "dusk" })],
    renderings: [rendering("r-c1", { picture: "file", pixels: "pixels", frames: 1 })],
  });
  after(doc, { type: "KeepCandidates", kept: [{ candidate: "c1", node: "n2", take: "t2", x: 3, y: 4 }] });
  expect(doc.candidates.size).toBe(0);
  expect(doc.nodes.get("n2")).toMatchObject({
    picture: "file",
    framed: "pixels",
    size: [1280, 720],
    label: "dusk",
    x: 3,
  });
  expect(doc.takes.get("t2")).toMatchObject({ owner: "n2", rendering: "r-c1", last: 0 });
});

it("deleting a node deletes its edges, their takes and its candidates, and nothing else", () => {
  const [ab, bc] = [edge("e1", "n1", "n2"), edge("e2", "n2", "n3")];
  const hidden = edge("e3", "n1", "n3", { hidden: true });
  const doc = docOf({
    nodes: [node("n1"), node("n2"), node("n3")],
    edges: [ab, bc, hidden],
    takes: [take(ab), take(bc), take(hidden)],
    candidates: [candidate("c1", "n1"), candidate("c2", "n2")],
    sequences: [sequence("s1", ["e1"])],
  });
  after(doc, { type: "Delete", ids: ["n1"] });
  expect([...doc.nodes.keys(), ...doc.edges.keys(), ...doc.takes.keys(), ...doc.candidates.keys()]).toEqual([
    "n2",
    "n3",
    "e2",
    "t-e2",
    "c2",
  ]);
  expect(doc.sequences.size).toBe(1);
});

it("healing makes the cut edge whole, and paths walk it whole again", () => {
  const whole = edge("e0", "n1", "n3", { hidden: true, frames: 73 });
  const halves = [edge("e1", "n1", "n2", { frames: 37 }), edge("e2", "n2", "n3", { frames: 37 })];
  const doc = docOf({
    nodes: [
      node("n1"),
      node("n2", 0, 0, { cut: { edge: "e0", frame: 36, halves: ["e1", "e2"] } }),
      node("n3"),
    ],
    edges: [whole, ...halves],
    sequences: [sequence("s1", ["e1", "e2", "-e2", "-e1", "e1"])],
  });
  after(doc, { type: "Delete", ids: ["n2"], heal: true });
  expect([...doc.edges.values()].map(({ id, hidden }) => [id, hidden])).toEqual([["e0", false]]);
  expect(doc.sequences.get("s1")?.steps.map((s) => (s.reverse ? "-" : "") + s.edge)).toEqual([
    "e0",
    "-e0",
    "e1",
  ]);
});

it("an edge that was cut again at a half is not healed", () => {
  const doc = docOf({
    nodes: [
      node("n1"),
      node("n2", 0, 0, { cut: { edge: "e0", frame: 36, halves: ["e1", "e2"] } }),
      node("n3"),
    ],
    edges: [
      edge("e0", "n1", "n3", { hidden: true }),
      edge("e1", "n1", "n2", { hidden: true }),
      edge("e2", "n2", "n3"),
    ],
  });
  expect(plan(doc, { type: "Delete", ids: ["n2"], heal: true })).toEqual([]);
});

it("only a finished take of its own is shown by an edge", () => {
  const e = edge("e1", "n1", "n2");
  const doc = docOf({
    nodes: [node("n1"), node("n2")],
    edges: [e],
    takes: [
      take(e),
      take(e, { id: "t2", rendering: null, failure: "no" }),
      take(e, { id: "t3", owner: "e2" }),
    ],
  });
  for (const wrong of ["t2", "t3", "t9"])
    expect(plan(doc, { type: "SetActiveTake", edge: "e1", take: wrong })).toEqual([]);
  after(doc, { type: "SetActiveTake", edge: "e1", take: "t-e1" });
  expect(doc.edges.get("e1")?.active).toBe("t-e1");
});
