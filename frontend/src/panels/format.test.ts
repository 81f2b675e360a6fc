// Numbers and times read the same everywhere.

import { expect, it } from "vitest";
import { ago, clock, count, dollars, keyCap, plain, seconds, wait } from "./format";

it("durations are short, and turn into a clock from a minute on", () => {
  expect([seconds(2), seconds(1.54), seconds(59.4), seconds(64), seconds(Number.NaN)]).toEqual([
    "2 s",
    "1.5 s",
    "59 s",
    "1:04",
    "–",
  ]);
});

it("places in a film count tenths and never round up past the second", () => {
  expect([clock(0), clock(4.25), clock(59.99), clock(60)]).toEqual(["0:00.0", "0:04.2", "0:59.9", "1:00.0"]);
});

it("waits are rounded as far as an estimate is good", () => {
  expect([wait(0.2), wait(4.4), wait(200), wait(7200)]).toEqual(["at once", "~4 s", "~3 min", "~2 h"]);
});

it("prices under a cent are not rounded to nothing", () => {
  expect([dollars(0), dollars(0.004), dollars(0.4), dollars(12.4)]).toEqual([
    "free",
    "$0.004",
    "$0.40",
    "$12",
  ]);
});

it("nouns agree with their number", () => {
  expect([count(1, "node"), count(1200, "node"), count(2, "copy", "copies")]).toEqual([
    "1 node",
    "1,200 nodes",
    "2 copies",
  ]);
});

it("the past is told as people tell it", () => {
  const now = Date.parse("2026-03-02T12:00:00Z");
  expect(
    [
      "2026-03-02T11:59:40Z",
      "2026-03-02T11:56:00Z",
      "2026-03-02T09:00:00Z",
      "2026-03-01T10:00:00Z",
      "2026-01-05T10:00:00Z",
      "",
    ].map((at) => ago(at, now)),
  ).toEqual(["just now", "4 min ago", "3 h ago", "yesterday", "2026-01-05", ""]);
});

it("values of a recipe are plain words", () => {
  expect([plain(0.123456), plain(true), plain(null), plain([1, 2]), plain({ a: 1 })]).toEqual([
    "0.123",
    "on",
    "–",
    "1, 2",
    '{"a":1}',
  ]);
});

it("keys are named as on the keyboard in front of one", () => {
  expect([keyCap("Mod+Shift+z", true), keyCap("Mod+z", false), keyCap("Mod++", false)]).toEqual([
    ["⌘", "⇧", "Z"],
    ["Ctrl", "Z"],
    ["Ctrl", "+"],
  ]);
});
