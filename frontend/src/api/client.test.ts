/** Asking the studio: refusals keep the server's words, and only what may be repeated is. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Client, Refused, Unreachable } from "./client";

const answers: (Response | Error)[] = [];
let asked: { path: string; request: RequestInit }[];

beforeEach(() => {
  asked = [];
  answers.length = 0;
  vi.stubGlobal("fetch", async (path: string, request: RequestInit) => {
    asked.push({ path, request });
    const next = answers.shift() ?? new Error("nothing was prepared");
    if (next instanceof Error) throw next;
    return next;
  });
});
afterEach(() => vi.unstubAllGlobals());

const ok = (body: unknown) => new Response(JSON.stringify(body));
const making = { engine: "builtin", parameters: { strength: 0.4 }, seed: 7 };

it("a refusal says what the server said", async () => {
  answers.push(new Response(JSON.stringify({ error: "that was deleted", hint: "undo" }), { status: 409 }));
  const error = await new Client().recipe("n1").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Refused);
  expect(error).toMatchObject({ message: "that was deleted", hint: "undo", status: 409 });
});

it("a refusal without words still says something", async () => {
  answers.push(new Response("<html>", { status: 502 }));
  await expect(new Client().recipe("n1")).rejects.toThrow("the studio answered 502");
});

it("what may be repeated is asked for again when the answer was lost; what may not, is not", async () => {
  answers.push(new TypeError("network"), ok({ seq: 4, op_id: "o1", repeated: true }));
  const change = { op_id: "o1", base_seq: 3, type: "SetFields", id: "n1", values: {} } as const;
  expect(await new Client().change(change)).toMatchObject({ seq: 4 });
  expect(asked.map(({ request }) => request.body)).toEqual([JSON.stringify(change), JSON.stringify(change)]);
  answers.push(new TypeError("network"), ok({ jobs: [] }));
  await expect(new Client().vary("n1", { ...making, count: 4 })).rejects.toThrow(Unreachable);
  expect(asked).toHaveLength(3);
});

it("says who asks, in letters that a header can hold", async () => {
  answers.push(ok([]));
  await new Client("Zoë").engines();
  expect(asked[0]?.request.headers).toMatchObject({ "X-Forkframe-Actor": "Zo%C3%AB" });
});

it("sends no more than the server knows", async () => {
  answers.push(ok({ jobs: [] }));
  const more = { ...making, count: 2, open: true };
  await new Client().vary("n1", more);
  expect(JSON.parse(String(asked[0]?.request.body))).toEqual({ ...making, count: 2 });
});
