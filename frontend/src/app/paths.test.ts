/** Paths from the first click to a saved sequence, and playing in time. */

import { describe, expect, it, vi } from "vitest";
import { edge, node } from "../model/samples";
import { aroundEachTest, open, pass, said } from "./fakes";

aroundEachTest();

describe("a path", () => {
  const chain = () => ({
    nodes: [node("a"), node("b"), node("c"), node("x")],
    edges: [edge("ab", "a", "b", { frames: 25 }), edge("bc", "b", "c", { frames: 25 })],
  });

  it("is clicked, played in time, saved and duplicated", async () => {
    let tick: FrameRequestCallback | null = null;
    vi.stubGlobal("requestAnimationFrame", (callback: FrameRequestCallback) => {
      tick = callback;
      return 1;
    });
    vi.stubGlobal("cancelAnimationFrame", () => {});
    const { studio, app } = await open(chain());
    const frame = (at: number) => {
      const callback = tick;
      tick = null;
      callback?.(at);
    };
    app.actions.enterPathMode();
    for (const id of ["a", "b", "c"]) app.host.step({ kind: "node", id });
    app.actions.play(app.ui().path?.steps ?? []);
    for (let at = 0; at <= 1000; at += 50) frame(at);
    expect(app.ui().playing).toMatchObject({ what: "path", running: true });
    expect((app.ui().playing as { seconds: number }).seconds).toBeCloseTo(1, 6);
    for (let at = 1050; at <= 2500; at += 50) frame(at);
    expect(app.ui().playing).toMatchObject({ seconds: 2, running: false });
    app.actions.toggleLoop();
    app.actions.play(app.ui().path?.steps ?? [], 1.98);
    for (let at = 3000; at <= 3100; at += 50) frame(at);
    expect((app.ui().playing as { seconds: number }).seconds).toBeCloseTo(0.08, 6);
    app.actions.pause();
    await app.actions.savePath("");
    expect(said(app).at(-1)).toBe("good | Saved “Path 1”");
    const [saved] = studio.doc.sequences.values();
    expect(saved?.steps.map((step) => Object.keys(step).sort())).toEqual(
      [0, 1].map(() => ["edge", "hold", "reverse", "speed", "take"]),
    );
    app.actions.duplicateSequence(saved?.id ?? "");
    await pass();
    expect([...studio.doc.sequences.values()].map((one) => one.name)).toEqual(["Path 1", "Path 1 copy"]);
  });

  it("that ends where it starts is a loop when it is opened again", async () => {
    const { app } = await open({ ...chain(), edges: [edge("ab", "a", "b"), edge("ba", "b", "a")] });
    app.actions.enterPathMode();
    for (const id of ["a", "b", "a"]) app.host.step({ kind: "node", id });
    await app.actions.savePath("round");
    const [saved] = app.doc.sequences.keys();
    app.actions.leavePathMode();
    app.actions.enterPathMode(saved);
    expect(app.ui().path?.loop).toBe(true);
  });

  it("that does not is offered the way back when it shall be a loop", async () => {
    const { app } = await open(chain());
    app.actions.enterPathMode();
    for (const id of ["a", "b", "c"]) app.host.step({ kind: "node", id });
    app.actions.toggleLoop();
    const [toast] = app.ui().toasts;
    expect(toast?.action?.title).toBe("Add the way back");
    toast?.action?.run();
    expect(app.ui().path?.steps.map((step) => [step.edge, step.reverse, step.proposed])).toEqual([
      ["ab", false, false],
      ["bc", false, false],
      ["bc", true, true],
      ["ab", true, true],
    ]);
  });

  it("lets an edge that is set playing run by itself, again and again", async () => {
    const ticks: FrameRequestCallback[] = [];
    vi.stubGlobal("requestAnimationFrame", (callback: FrameRequestCallback) => ticks.push(callback));
    vi.stubGlobal("cancelAnimationFrame", () => {});
    const { app } = await open(chain());
    app.setUi({ playing: { what: "edge", edge: "ab", t: 0 } });
    for (let at = 0; at <= 1250; at += 50) ticks.shift()?.(at);
    expect(app.ui().playing).toMatchObject({ what: "edge", t: expect.closeTo(0.25, 6) });
    app.actions.pause();
    expect(app.ui()).toMatchObject({ playing: null, scrub: { edge: "ab", t: expect.closeTo(0.25, 6) } });
    ticks.shift()?.(1300);
    expect([ticks.length, app.ui().playing]).toEqual([0, null]);
  });

  it("goes on over the edge that is made for its gap", async () => {
    const { app } = await open(chain());
    app.actions.enterPathMode();
    for (const id of ["a", "b", "x"]) app.actions.step({ kind: "node", id });
    expect(app.ui().path?.joint).toEqual({ source: "b", target: "x", edges: [] });
    app.actions.connect("b", "x");
    expect(app.ui().path).toMatchObject({ joint: null, steps: [{ edge: "ab" }, { proposed: false }] });
  });

  it("is undone click by click before anything of the workspace is", async () => {
    const { app } = await open(chain());
    app.actions.enterPathMode();
    for (const id of ["a", "b", "c"]) app.actions.step({ kind: "node", id });
    expect(app.actions.takeBack()).toBe(true);
    expect(app.ui().path?.steps).toHaveLength(1);
    expect(app.actions.doAgain()).toBe(true);
    expect(app.ui().path?.steps).toHaveLength(2);
    for (let i = 0; i < 3; i++) app.actions.takeBack();
    expect([app.ui().path?.start, app.actions.takeBack()]).toEqual([null, false]);
  });

  it("can be taken up again after it was left unsaved", async () => {
    const { app } = await open(chain());
    app.actions.enterPathMode();
    app.actions.step({ kind: "edge", id: "ab" });
    app.actions.leavePathMode();
    expect(app.ui()).toMatchObject({ mode: "wander", path: null });
    app.ui().toasts[0]?.action?.run();
    expect(app.ui()).toMatchObject({ mode: "path", path: { steps: [{ edge: "ab" }] } });
  });

  it("can't take a name that another sequence has", async () => {
    const { studio, app } = await open({ ...chain(), sequences: [{ id: "s1", name: "dusk", steps: [] }] });
    app.actions.enterPathMode();
    app.actions.step({ kind: "edge", id: "ab" });
    await app.actions.savePath("dusk");
    expect(said(app)).toEqual(["bad | There is a sequence “dusk” already | choose another name"]);
    expect(studio.changes).toEqual([]);
  });
});
