/** The live line comes back by itself, from where it was, and does not chatter. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeStudio, pass } from "../app/fakes";
import { Live, type News } from "./live";

let studio: FakeStudio;
let live: Live;
let seq: number;
let heard: News["type"][];
let line: string[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
  studio = new FakeStudio();
  studio.install();
  seq = 3;
  heard = [];
  line = [];
  live = new Live("ada", {
    since: () => seq,
    news: (news) => heard.push(news.type),
    connected: (on, failures) => line.push(on ? "on" : `off ${failures}`),
  });
  live.start();
});
afterEach(() => {
  live.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("waits longer after every failure, at most five seconds, and not at all once it worked", async () => {
  await pass(1);
  expect(line).toEqual(["on"]);
  studio.disconnect();
  const waits: number[] = [];
  for (let i = 0; i < 7; i++) {
    const before = studio.sockets.length;
    let waited = 0;
    while (studio.sockets.length === before) {
      await pass(10);
      waited += 10;
    }
    waits.push(waited);
  }
  expect(waits.map((ms) => Math.round(ms / 250) * 250)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  studio.down = false;
  await pass(5100);
  expect(line.at(-1)).toBe("on");
  studio.live?.close(1006);
  expect(line.at(-1)).toBe("off 1");
});

it("goes on from the last change it knows", async () => {
  await pass(1);
  seq = 41;
  studio.live?.close(1006);
  await pass(300);
  expect(studio.sockets.map((socket) => socket.since)).toEqual([3, 41]);
});

it("comes back at once after it was too slow, or when the network does", async () => {
  await pass(1);
  studio.live?.close(4008);
  await pass(5);
  expect(studio.sockets).toHaveLength(2);
  studio.disconnect();
  await pass(3000);
  const before = studio.sockets.length;
  studio.down = false;
  window.dispatchEvent(new Event("online"));
  await pass(5);
  expect([studio.sockets.length, line.at(-1)]).toEqual([before + 1, "on"]);
});

it("tells where it is at most 15 times a second, the last place last", async () => {
  await pass(100);
  const sent = studio.live?.sent ?? [];
  sent.length = 0;
  for (let x = 0; x < 100; x++) {
    live.tell({ cursor: [x, 0] });
    await pass(10);
  }
  await pass(100);
  expect(sent.length).toBeLessThanOrEqual(17);
  expect(sent.length).toBeGreaterThan(10);
  expect(sent.at(-1)).toEqual({ type: "presence", cursor: [99, 0], selection: [], name: "ada" });
});

it("says again after a loss where it is and what it looks at", async () => {
  await pass(1);
  live.tell({ selection: ["n1"] });
  live.look(["n1", "e1"]);
  await pass(100);
  studio.live?.close(1006);
  await pass(300);
  expect(studio.live?.sent).toEqual([
    { type: "presence", cursor: null, selection: ["n1"], name: "ada" },
    { type: "look", subjects: ["n1", "e1"] },
  ]);
});

it("stays silent once it was stopped", async () => {
  await pass(1);
  live.stop();
  await pass(10_000);
  expect(studio.sockets).toHaveLength(1);
});
