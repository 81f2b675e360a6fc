/** Good news goes by itself, bad news stays; never more than four lines at once. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Refused } from "../api/client";
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

it("good lines go by themselves, bad ones when they are dismissed", () => {
  toasts.say("good", "saved");
  const bad = toasts.say("bad", "no room");
  vi.advanceTimersByTime(60_000);
  expect(shown()).toEqual(["no room"]);
  toasts.dismiss(bad);
  expect(shown()).toEqual([]);
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
