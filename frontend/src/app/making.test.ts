/** Results: they are seen while they are made, kept where there is room, and failures say why. */

import { describe, expect, it } from "vitest";
import { candidate, edge, job, node, rendering, take } from "../model/samples";
import { aroundEachTest, open, pass, said } from "./fakes";

aroundEachTest();
const two = () => ({ nodes: [node("n1", 0, 0, { label: "sea" }), node("n2", 600, 0, { label: "dusk" })] });

describe("making", () => {
  const trayed = () => ({
    ...two(),
    candidates: [candidate("c1", "n1"), candidate("c2", "n1")],
    renderings: ["r-c1", "r-c2"].map((id) => rendering(id, { picture: "file", pixels: id, frames: 1 })),
  });

  it("opens the tray at once and shows its jobs", async () => {
    const { studio, app } = await open(two());
    studio.prepared.set("/api/nodes/n1/vary", {
      status: 200,
      body: { jobs: [job("j1", "n1", { title: "Vary sea" })] },
    });
    const asked = app.actions.vary("n1", { engine: "builtin", parameters: {}, seed: null, count: 4 });
    expect(app.ui().tray).toBe("n1");
    await asked;
    expect([...app.jobs().keys()]).toEqual(["j1"]);
    studio.live?.tell({ type: "progress", id: "j1", doing: "painting", share: 0.5, preview: false });
    expect(app.jobs().get("j1")).toMatchObject({ doing: "painting", share: 0.5 });
    studio.live?.tell({
      type: "job",
      job: job("j1", "n1", { title: "Vary sea", state: "failed", failure: "out of memory", hint: "fewer" }),
    });
    expect(said(app)).toEqual(["bad | Vary sea failed: out of memory | fewer"]);
  });

  it("offers to change the words where trying again can't help", async () => {
    const { studio, app } = await open(two());
    studio.prepared.set("/api/nodes/n1/restyle", { status: 200, body: { jobs: [job("j1", "n1")] } });
    const making = { engine: "builtin", parameters: {}, seed: null, like: null, count: 1 };
    await app.actions.restyle("n1", { ...making, prompt: "zurbarán" });
    const failed = { state: "failed" as const, failure: "“zurbarán” names no look", attempts: 1 };
    studio.live?.tell({ type: "job", job: job("j1", "n1", failed) });
    expect(said(app)).toEqual(["bad | “zurbarán” names no look"]);
    const [toast] = app.ui().toasts;
    expect(toast?.action?.title).toBe("Change the words");
    toast?.action?.run();
    expect(app.ui().popup).toEqual({ kind: "restyle", node: "n1", like: null, words: "zurbarán" });
  });

  it("says with the first result which words were not understood, once", async () => {
    const { studio, app } = await open(two());
    studio.prepared.set("/api/nodes/n1/restyle", { status: 200, body: { jobs: [job("j1", "n1")] } });
    const making = { engine: "builtin", parameters: {}, seed: null, like: null, count: 2 };
    await app.actions.restyle("n1", { ...making, prompt: "evening, manner" });
    for (const id of ["c1", "c2"]) {
      const row = rendering(`r-${id}`, { frames: 1, notes: ["not understood: manner"] });
      studio.make(`op-${id}`, [
        { table: "renderings", id: row.id, row },
        { table: "candidates", id, row: candidate(id, "n1") },
      ]);
      const shown = id === "c1" ? ["plain | Not understood: manner"] : [];
      expect(said(app)).toEqual(shown);
      for (const { key } of app.ui().toasts) app.dismiss(key);
    }
  });

  it("says nothing of an edge that failed: the edge does", async () => {
    const { studio, app } = await open({ ...two(), edges: [edge("e1", "n1", "n2")] });
    studio.prepared.set("/api/edges/e1/takes", { status: 200, body: { jobs: [job("j1", "e1")] } });
    await app.actions.renderTake("e1", { engine: "builtin", parameters: {}, seed: null });
    studio.live?.tell({ type: "job", job: job("j1", "e1", { state: "failed", failure: "out of memory" }) });
    expect([app.jobs().get("j1")?.state, said(app)]).toEqual(["failed", []]);
  });

  it("keeps candidates as nodes that cover nothing, and selects them", async () => {
    const { studio, app } = await open(trayed());
    app.actions.keep(["c1", "c2"]);
    const [, , one, other] = [...app.doc.nodes.values()];
    expect(app.doc.candidates.size).toBe(0);
    expect([...app.ui().selection]).toEqual([one?.id, other?.id]);
    const places = [...app.doc.nodes.values()].map(({ x, y }) => [x, y] as const);
    for (const [i, a] of places.entries()) {
      for (const b of places.slice(i + 1))
        expect(Math.abs(a[0] - b[0]) >= 240 || Math.abs(a[1] - b[1]) >= 135).toBe(true);
    }
    await pass();
    expect(studio.doc.nodes.size).toBe(4);
  });

  it("drops a candidate just where it was let go of", async () => {
    const { app } = await open(trayed());
    app.host.candidate("c2", "keep", { x: 1000, y: -50 });
    expect([...app.doc.nodes.values()].at(-1)).toMatchObject({ x: 1000, y: -50, framed: "r-c2" });
  });

  it("branches with a card on the edge until the frame is there", async () => {
    const e = edge("e1", "n1", "n2", { active: "t-e1" });
    const { studio, app } = await open({
      ...two(),
      edges: [e],
      takes: [take(e)],
      renderings: [rendering("r-e1")],
    });
    studio.prepared.set("/api/edges/e1/branch", { status: 200, body: node("n9") });
    const done = app.actions.branch("e1", 500);
    expect(app.arrivals()).toMatchObject([
      { name: "frame 71", at: { x: expect.closeTo((600 * 71) / 72), y: 0 } },
    ]);
    await pass();
    expect(studio.asked.at(-1)?.body).toEqual({ frame: 71 });
    studio.make("op", [{ table: "nodes", id: "n9", row: node("n9") }], { change: "Branch" });
    await done;
    expect([app.arrivals(), app.ui().focus]).toEqual([[], "n9"]);
  });
});

describe("an exported film", () => {
  it("is offered when it is done, to whoever asked for it", async () => {
    const { studio, app } = await open();
    studio.prepared.set("/api/sequences/s1/export", {
      status: 200,
      body: { job: job("j1", "s1", { title: "Export dusk" }) },
    });
    await app.actions.exportSequence("s1", ".mp4");
    const done = { state: "done", result: { path: "/films/dusk.mp4" }, title: "Export dusk" } as const;
    studio.live?.tell({ type: "job", job: job("j2", "s2", done) });
    studio.live?.tell({ type: "job", job: job("j1", "s1", done) });
    expect(said(app)).toEqual(["good | Export dusk is ready | /films/dusk.mp4"]);
    await pass(20_000);
    expect(app.ui().toasts).toEqual([]);
  });
});
