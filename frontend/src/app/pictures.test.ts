/** Pictures on their way in: all of them are seen at once, and each one arrives once. */

import { describe, expect, it, vi } from "vitest";
import { node } from "../model/samples";
import { aroundEachTest, fakeView, open, pass, said } from "./fakes";

aroundEachTest();
const two = () => ({ nodes: [node("n1", 0, 0, { label: "sea" }), node("n2", 600, 0, { label: "dusk" })] });

describe("bringing pictures", () => {
  const file = (name: string, type = "image/jpeg") => new File(["bytes"], name, { type });
  it("shows all of them at once, next to one another, and sends three at a time", async () => {
    const { studio, app } = await open(two());
    const names = Array.from({ length: 7 }, (_, i) => `${i}.jpg`);
    app.host.bring(
      names.map((name) => file(name)),
      { x: 3000, y: 3000 },
    );
    expect(app.arrivals().map((one) => one.name)).toEqual(names);
    expect(new Set(app.arrivals().map((one) => `${one.at.x} ${one.at.y}`)).size).toBe(7);
    await pass();
    expect(studio.uploads).toHaveLength(3);
    expect(app.arrivals().filter((one) => one.share === 0.5)).toHaveLength(3);
    studio.land("1.jpg", "n10");
    await pass();
    expect(studio.uploads).toHaveLength(4);
    expect(app.arrivals().map((one) => one.name)).not.toContain("1.jpg");
    expect(URL.revokeObjectURL).not.toHaveBeenCalled(); // the canvas may just be fetching it
    await vi.advanceTimersByTimeAsync(10_000);
    expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:1.jpg");
    for (const name of names)
      if (name !== "1.jpg") {
        studio.land(name, `n2${name[0]}`);
        await pass();
      }
    expect(app.arrivals()).toEqual([]);
    expect(app.doc.nodes.size).toBe(9);
    await app.actions.undo();
    expect(studio.asked.filter((one) => one.path === "POST /api/undo")).toHaveLength(7);
  });

  it("brings into view what is put where there is room, and leaves the view where hands chose the place", async () => {
    const { app } = await open(two());
    const reveal = vi.fn();
    app.attach(fakeView({ reveal }));
    app.host.bring([file("a.jpg")], { x: 3000, y: 3000 });
    expect(reveal).not.toHaveBeenCalled();
    void app.actions.bring([file("b.jpg"), file("c.jpg")], null);
    expect(reveal).toHaveBeenCalledOnce();
    const box = reveal.mock.calls[0]?.[0];
    for (const { name, at } of app.arrivals()) {
      const inside = at.x > box.x && at.x < box.x + box.width && at.y > box.y && at.y < box.y + box.height;
      expect(inside).toBe(name !== "a.jpg");
    }
  });

  it("lets the first picture of all go ahead, since it proposes the frame", async () => {
    const { studio, app } = await open();
    studio.doc.confirm(2, "no frame", [
      {
        table: "settings",
        id: "workspace",
        row: { id: "workspace", frame: null, fps: "24", background: [0, 0, 0] },
      },
    ]);
    studio.live?.tell({ type: "hello", client: "k1", seq: 2, reset: true });
    await pass();
    app.host.bring([file("a.jpg"), file("b.jpg")], { x: 0, y: 0 });
    await pass();
    expect(studio.uploads.map((one) => one.query.get("name"))).toEqual(["a.jpg"]);
    const frame = { width: 720, height: 960, fps: "24" };
    studio.make("engine", [
      {
        table: "settings",
        id: "workspace",
        row: { id: "workspace", frame, fps: "24", background: [0, 0, 0] },
      },
    ]);
    studio.land("a.jpg", "n1");
    await pass();
    expect(studio.uploads.map((one) => one.query.get("name"))).toEqual(["a.jpg", "b.jpg"]);
    const [a, b] = studio.uploads.map(({ query }) => [Number(query.get("x")), Number(query.get("y"))]);
    expect(
      Math.abs((a?.[0] ?? 0) - (b?.[0] ?? 0)) >= 240 || Math.abs((a?.[1] ?? 0) - (b?.[1] ?? 0)) >= 320,
    ).toBe(true);
  });

  it("names what is no picture, and what the server could not read", async () => {
    const { studio, app } = await open(two());
    app.host.bring(
      [
        file("notes.txt", "text/plain"),
        file(".DS_Store", ""),
        file("x.heic", ""),
        file("bad.png", "image/png"),
      ],
      { x: 0, y: 900 },
    );
    await pass();
    expect(studio.uploads.map((one) => one.query.get("name"))).toEqual(["x.heic", "bad.png"]);
    studio.uploads[1]?.answer(422, { error: "this is no picture", hint: "try another file" });
    studio.land("x.heic", "n10");
    await pass();
    expect(said(app)).toEqual([
      "bad | notes.txt is no picture",
      "bad | bad.png: this is no picture | try another file",
    ]);
    expect(app.arrivals().map((one) => one.failure)).toEqual(["bad.png: this is no picture"]);
    await pass(7000);
    expect(app.arrivals()).toEqual([]);
  });

  it("names a file once, also where the studio's own line begins with its name", async () => {
    const { studio, app } = await open(two());
    app.host.bring([file("torn.one.jpg"), file("tornado.jpg")], { x: 0, y: 900 });
    await pass();
    studio.land("tornado.jpg", "n10");
    studio.uploads[0]?.answer(422, { error: "torn.one is damaged or cut off", hint: "copy it again" });
    await pass();
    expect(said(app)).toEqual(["bad | torn.one.jpg is damaged or cut off | copy it again"]);
    expect(app.arrivals().map((one) => one.failure)).toEqual(["torn.one.jpg is damaged or cut off"]);
  });

  it("sends again what the loss of the line cut off, and never twice what was sent whole", async () => {
    const { studio, app } = await open(two());
    app.host.bring([file("half.jpg"), file("whole.jpg")], { x: 0, y: 900 });
    await pass();
    studio.uploads[1]?.upload.onprogress?.({ lengthComputable: true, loaded: 5, total: 5 });
    studio.disconnect();
    for (const sent of studio.uploads.slice(0, 2)) sent.onerror?.();
    await pass(100);
    studio.down = false;
    await pass(10_000);
    expect(studio.uploads.map((one) => one.query.get("name"))).toEqual(["half.jpg", "whole.jpg", "half.jpg"]);
    studio.land("half.jpg", "n10");
    await pass();
    expect(said(app)[0]).toContain("whole.jpg");
  });
});
