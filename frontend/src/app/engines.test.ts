/** Engines: who drafts without being asked, and what a person says of them. */

import { describe, expect, it } from "vitest";
import { node } from "../model/samples";
import type { Engine } from "./actions";
import { aroundEachTest, open, pass, said } from "./fakes";

aroundEachTest();

const PARAMETERS = { type: "object", properties: {} } as const;

function engine(name: string, values: Partial<Engine>): Engine {
  const can = { algorithm: `${name}.transition@1`, licence: "MIT", parameters: PARAMETERS };
  const operations = { transition: can, vary: can, generate: can };
  const plain = { tier: "draft", runs_on: "cpu", available: true, missing: [] as string[] } as const;
  const given = { key: "", settings: {}, homepage: "", off: false };
  return { name, title: name, summary: "", operations, ...plain, ...given, ...values };
}

const BUILTIN = engine("builtin", {});
const HOSTED = engine("hosted", { tier: "final", runs_on: "remote", key: "HOSTED_KEY" });
const pair = () => ({ nodes: [node("n1", 0, 0), node("n2", 600, 0)] });

describe("engines", () => {
  it("chosen for finals never draft what was only connected", async () => {
    const { app } = await open(pair());
    app.store.set({ engines: [BUILTIN, HOSTED] });
    app.actions.chooseEngine("transition", "hosted");
    expect(app.actions.engineFor("transition")).toBe("hosted");
    expect(app.actions.drafterFor("transition")).toBe("builtin");
    app.actions.connect("n1", "n2");
    expect([...app.doc.edges.values()].map((edge) => edge.engine)).toEqual(["builtin"]);
  });

  it("that draft on this computer are used where they were chosen", async () => {
    const { app } = await open(pair());
    app.store.set({ engines: [BUILTIN, engine("other", {})] });
    app.actions.chooseEngine("transition", "other");
    expect(app.actions.drafterFor("transition")).toBe("other");
  });

  it("are what the studio says once they have their key, and the key is sent nowhere else", async () => {
    const { studio, app } = await open(pair());
    studio.prepared.set("/api/engines/hosted/key", { status: 200, body: [BUILTIN, HOSTED] });
    await app.actions.keepKey("hosted", "s3cret");
    expect(app.actions.engines().map(({ name }) => name)).toEqual(["builtin", "hosted"]);
    const told = studio.asked.filter(({ body }) => JSON.stringify(body ?? "").includes("s3cret"));
    expect(told.map(({ path }) => path)).toEqual(["PUT /api/engines/hosted/key"]);
    expect(Object.values({ ...localStorage }).join()).not.toContain("s3cret");
  });

  it("that do not understand a dropped file say why", async () => {
    const { studio, app } = await open(pair());
    const no = { error: "cross.json is no template", hint: "export it in API format" };
    studio.prepared.set("/api/engine-files", { status: 422, body: no });
    await app.actions.bring([new File(["{}"], "cross.json", { type: "application/json" })], null);
    await pass();
    expect(said(app)).toEqual(["bad | Cross.json is no template | export it in API format"]);
  });

  it("make nodes of words, where there is room in the middle of the view", async () => {
    const { studio, app } = await open(pair());
    const made = [node("n3", 0, 300), node("n4", 300, 300)];
    studio.prepared.set("/api/generate", { status: 200, body: { nodes: made } });
    const asked = app.actions.generate({
      engine: "hosted",
      parameters: {},
      seed: null,
      prompt: "a lighthouse",
      count: 2,
    });
    const waiting = app.arrivals();
    expect(waiting.map(({ name }) => name)).toEqual(["a lighthouse", "a lighthouse"]);
    await pass();
    const places = waiting.map(({ at }) => [Math.round(at.x), Math.round(at.y)]);
    expect(studio.asked.at(-1)).toMatchObject({ path: "POST /api/generate", body: { places } });
    studio.make(
      "op-made",
      made.map((row) => ({ table: "nodes", id: row.id, row })),
      { change: "AddNodes" },
    );
    await asked;
    expect([...app.ui().selection]).toEqual(["n3", "n4"]);
  });
});
