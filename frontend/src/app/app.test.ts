/** The app against a studio in memory: what hands do shows at once, and nothing acknowledged is lost. */

import { describe, expect, it } from "vitest";
import { edge, node } from "../model/samples";
import { aroundEachTest, fakeView, open, pass, said, start } from "./fakes";

aroundEachTest();
const two = () => ({ nodes: [node("n1", 0, 0, { label: "sea" }), node("n2", 600, 0, { label: "dusk" })] });

describe("connecting", () => {
  it("shows the edge in the same moment, three seconds long and named after its ends", async () => {
    const { studio, app } = await open(two());
    expect(app.ui()).toMatchObject({ connected: "live", hint: true });
    app.host.connect("n1", "n2");
    const [made] = app.doc.edges.values();
    expect(made).toMatchObject({
      source: "n1",
      target: "n2",
      frames: 73,
      label: "sea to dusk",
      engine: "builtin",
    });
    await pass();
    expect([...studio.doc.edges.values()]).toEqual([made]);
    expect([...app.doc.edges.values()]).toEqual([made]);
    expect([app.store.now.waiting, app.ui().hint]).toEqual([0, false]);
  });

  it("that the server refuses vanishes, with one line that says why", async () => {
    const { studio, app } = await open(two());
    studio.prepared.set("/api/changes", {
      status: 409,
      body: { error: "node n2 was deleted", hint: "undo brings it back" },
    });
    app.host.connect("n1", "n2");
    expect(app.doc.edges.size).toBe(1);
    await pass();
    expect(app.doc.edges.size).toBe(0);
    expect(said(app)).toEqual(["bad | Node n2 was deleted | undo brings it back"]);
  });
});

describe("while the studio is gone", () => {
  it("changes wait, in order, and arrive once it is back", async () => {
    const { studio, app } = await open(two());
    studio.disconnect();
    await pass();
    expect(app.ui().connected).toBe("waiting");
    app.host.connect("n1", "n2");
    const [made] = app.doc.edges.keys();
    app.actions.setFields(made ?? "", { label: "slow" });
    app.host.move(new Map([["n1", { x: 5, y: 6 }]]));
    await pass(3000);
    expect(app.store.now.waiting).toBe(3);
    studio.down = false;
    await pass(10_000);
    expect(studio.changes.map((one) => one.type)).toEqual(["AddEdge", "SetFields", "MoveNodes"]);
    expect(studio.doc.edges.get(made ?? "")?.label).toBe("slow");
    expect(app.ui().connected).toBe("live");
    expect(app.store.now.waiting).toBe(0);
  });

  it("a reload loses nothing that was not acknowledged", async () => {
    const { studio, app } = await open(two());
    studio.disconnect();
    app.actions.setFields("n1", { label: "ocean" });
    await pass(100);
    app.dispose();
    studio.down = false;
    const again = await start();
    expect(again.doc.nodes.get("n1")?.label).toBe("ocean");
    await pass(100);
    expect(studio.doc.nodes.get("n1")?.label).toBe("ocean");
    expect(again.store.now.waiting).toBe(0);
  });

  it("a change whose answer was lost is made only once", async () => {
    const { studio, app } = await open(two());
    studio.deaf = true;
    app.host.connect("n1", "n2");
    await pass(1000);
    studio.deaf = false;
    await pass(5000);
    expect(studio.changes).toHaveLength(1);
    expect(app.doc.edges.size).toBe(1);
    expect(app.store.now.waiting).toBe(0);
  });

  it("what others did meanwhile is there after the return", async () => {
    const { studio, app } = await open(two());
    studio.disconnect();
    studio.make("theirs", [{ table: "nodes", id: "n1", row: node("n1", 77) }], { actor: "her" });
    expect(app.doc.nodes.get("n1")?.x).toBe(0);
    studio.down = false;
    await pass(6000);
    expect(app.doc.nodes.get("n1")?.x).toBe(77);
  });
});

it("after too long away everything is fetched anew, and what is told meanwhile comes on top", async () => {
  const { studio, app } = await open(two());
  studio.doc.confirm(90, "long ago", [{ table: "nodes", id: "n1", row: node("n1", 5) }]);
  studio.live?.tell({ type: "hello", client: "k1", seq: 90, reset: true });
  studio.make("next", [{ table: "nodes", id: "n2", row: node("n2", 9) }]);
  await pass();
  expect([app.doc.nodes.get("n1")?.x, app.doc.nodes.get("n2")?.x, app.doc.seq]).toEqual([5, 9, 91]);
});

it("what was deleted by somebody is no longer selected", async () => {
  const { studio, app } = await open(two());
  app.actions.select(["n1", "n2"]);
  studio.make("theirs", [{ table: "nodes", id: "n2", row: null }], { actor: "her" });
  expect([[...app.ui().selection], app.ui().focus]).toEqual([["n1"], null]);
});

it("what is deleted is told in a line that takes it back", async () => {
  const { studio, app } = await open({ ...two(), edges: [edge("e1", "n1", "n2")] });
  app.actions.remove(["n1"]);
  await pass();
  expect(said(app)).toEqual(["plain | sea and 1 edge deleted"]);
  app.ui().toasts[0]?.action?.run();
  await pass();
  expect(studio.asked.at(-1)?.path).toBe("POST /api/undo");
});

describe("undo", () => {
  it("takes back in one go what hands did in one go", async () => {
    const tables = {
      ...two(),
      boards: [{ id: "b1", name: "b", x: 0, y: 0, width: 9, height: 9, colour: "" }],
    };
    const { studio, app } = await open(tables);
    const at = (x: number) => ({ x, y: 1 });
    app.host.move(
      new Map([
        ["b1", at(1)],
        ["n1", at(2)],
      ]),
    );
    app.actions.setFields("n2", { label: "night" });
    await pass();
    const undos = () => studio.asked.filter((one) => one.path === "POST /api/undo").length;
    await app.actions.undo();
    expect(undos()).toBe(1);
    await app.actions.undo();
    expect(undos()).toBe(3);
    await app.actions.redo();
    expect(studio.asked.filter((one) => one.path === "POST /api/redo")).toHaveLength(2);
  });

  it("that is refused says so once, in the server's words", async () => {
    const { studio, app } = await open(two());
    studio.prepared.set("/api/undo", { status: 409, body: { error: "there is nothing to undo", hint: "" } });
    await app.actions.undo();
    await app.actions.undo();
    expect(said(app)).toEqual(["bad | There is nothing to undo"]);
  });

  it("waits for what was done just before", async () => {
    const { studio, app } = await open(two());
    studio.slowness = 500;
    app.actions.setFields("n1", { label: "ocean" });
    const undone = app.actions.undo();
    await pass(1000);
    await undone;
    const order = studio.asked.map((one) => one.path).filter((path) => /changes|undo/.test(path));
    expect(order).toEqual(["POST /api/changes", "POST /api/undo"]);
  });
});

it("a map is a way of looking: nothing can be dragged on it, and it is gone by asking again", async () => {
  const { studio, app } = await open(two());
  studio.prepared.set("/api/map", { status: 200, body: { places: { n1: [5, 5], n2: [500, 5] } } });
  await app.actions.setLens("style");
  expect(app.host.lens()?.get("n2")).toEqual({ x: 500, y: 5 });
  app.host.move(new Map([["n1", { x: 9, y: 9 }]]));
  expect(app.doc.nodes.get("n1")?.x).toBe(0);
  await app.actions.setLens(null);
  expect(app.host.lens()).toBe(null);
});

it("things are found by all words of their names, the best first", async () => {
  const { app } = await open({
    nodes: [node("n1", 0, 0, { label: "old sea" }), node("n2", 0, 0, { label: "sea at dusk" })],
  });
  expect(app.actions.find("Sea").map((one) => one.id)).toEqual(["n2", "n1"]);
  expect(app.actions.find("dusk sea").map((one) => one.id)).toEqual(["n2"]);
  expect(app.actions.find("  ")).toEqual([]);
  const fitted: unknown[] = [];
  app.attach(fakeView({ fit: (ids) => fitted.push(ids) }));
  app.actions.goTo("n2");
  expect([fitted, app.ui().focus]).toEqual([[["n2"]], "n2"]);
});

it("stars, labels and boards are plain changes that keep to what is there", async () => {
  const { studio, app } = await open(two());
  app.actions.rate(["n1", "n2", "e9"], 4);
  app.actions.rate(["n1"], 4);
  app.actions.addBoard(["n1", "n2"]);
  await pass();
  expect(studio.changes.map((one) => one.type)).toEqual(["SetFields", "SetFields", "AddBoard"]);
  const [board] = app.doc.boards.values();
  expect(board).toMatchObject({ name: "Board 1", x: -156, width: 912 });
  expect(app.ui().popup).toEqual({ kind: "edit", id: board?.id, field: "name" });
});

it("deleting a branch point offers to heal the edge instead", async () => {
  const cut = { edge: "e0", frame: 36, halves: ["e1", "e2"] as [string, string] };
  const { studio, app } = await open({
    nodes: [node("n1"), node("n2", 300, 0, { cut }), node("n3")],
    edges: [edge("e0", "n1", "n3", { hidden: true }), edge("e1", "n1", "n2"), edge("e2", "n2", "n3")],
  });
  app.actions.remove(["n2"]);
  expect([...app.doc.edges.keys()]).toEqual(["e0"]);
  expect(app.ui().toasts[0]?.action?.title).toBe("Heal it");
  await pass();
  expect(studio.changes).toMatchObject([{ type: "Delete", ids: ["n2"] }]);
  app.actions.setFields("n1", { label: "since" });
  app.ui().toasts[0]?.action?.run();
  await pass();
  expect(studio.asked.filter((one) => one.path === "POST /api/undo")).toEqual([]);
});
