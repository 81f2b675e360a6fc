/** Lines go by themselves unless somebody reads them; never more than four at once. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Refused, Unreachable } from "../api/client";
import { Store } from "./store";
import { Toasts } from "./toasts";

let store: Store;
let toasts: Toasts;
const shown = () => store.ui.toasts.map((one) => one.text);

beforeEach(() => {
  vi.useFakeTimers();
  store = new Store();
  toasts = new Toasts(store);
});
afterEach(() => vi.useRealTimers());

it("good lines go by themselves, bad ones somewhat later", () => {
  toasts.say("good", "saved");
  toasts.say("bad", "no room");
  vi.advanceTimersByTime(6000);
  expect(shown()).toEqual(["no room"]);
  vi.advanceTimersByTime(6000);
  expect(shown()).toEqual([]);
});

it("a line that somebody reads stays until they have left it", () => {
  const bad = toasts.say("bad", "no room");
  toasts.hold(bad, true);
  vi.advanceTimersByTime(60_000);
  expect(shown()).toEqual(["no room"]);
  toasts.hold(bad, false);
  vi.advanceTimersByTime(3000);
  expect(shown()).toEqual([]);
});

it("that the studio can't be reached is no news once it is back", () => {
  toasts.failed(new Unreachable());
  toasts.say("bad", "no room");
  toasts.back();
  expect(shown()).toEqual(["no room"]);
});

it("the fifth line takes the place of the oldest that is not bad", () => {
  for (const [tone, text] of [
    ["bad", "a"],
    ["good", "b"],
    ["bad", "c"],
    ["plain", "d"],
    ["bad", "e"],
    ["bad", "f"],
    ["plain", "g"],
  ] as const) {
    toasts.say(tone, text);
  }
  expect(shown()).toEqual(["c", "e", "f", "g"]);
});

it("the same line is not said twice", () => {
  toasts.say("bad", "a");
  toasts.say("bad", "b");
  toasts.say("bad", "a");
  expect(shown()).toEqual(["b", "a"]);
});

it("a fault of ours is thrown on, a refusal is told", () => {
  toasts.failed(new Refused("it is gone", "undo", 409));
  expect(store.ui.toasts).toMatchObject([{ tone: "bad", text: "It is gone", hint: "undo" }]);
  expect(() => toasts.failed(new TypeError("oops"))).toThrow("oops");
});
