/** Keys as words: the same wherever the keyboard was made; who writes is left in peace. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { docOf, node } from "../model/samples";
import type { App } from "./app";
import { chordOf, listen } from "./keyboard";
import { START, type Ui } from "./ui";

const key = (name: string, code: string, mods = "") => ({
  key: name,
  code,
  ctrlKey: mods.includes("c"),
  metaKey: mods.includes("m"),
  altKey: mods.includes("a"),
  shiftKey: mods.includes("s"),
});

describe("a chord", () => {
  it.each([
    ["a letter", key("v", "KeyV"), "V"],
    ["a letter of another layout", key("z", "KeyY", "c"), "Mod+Z"],
    ["a letter of another script", key("м", "KeyV"), "V"],
    ["on a Mac", key("z", "KeyZ", "ms"), "Mod+Shift+Z"],
    ["with Alt", key("ArrowLeft", "ArrowLeft", "as"), "Alt+Shift+ArrowLeft"],
    ["stars, whatever is printed there", key("!", "Digit1", "s"), "Shift+1"],
    ["stars on a Swiss keyboard", key("+", "Digit1", "s"), "Shift+1"],
    ["no stars on a German keyboard", key("=", "Digit0", "s"), "Shift+0"],
    ["a slash on a German keyboard", key("/", "Digit7", "s"), "/"],
    ["a question mark", key("?", "Slash", "s"), "?"],
    ["plus", key("+", "Equal", "s"), "+"],
    ["plus without Shift", key("=", "Equal"), "="],
    ["plus on the number pad", key("+", "NumpadAdd"), "+"],
    ["nought", key("0", "Numpad0"), "0"],
    ["the space bar", key(" ", "Space"), "Space"],
    ["a way out", key("Escape", "Escape"), "Escape"],
  ])("%s", (_, pressed, chord) => expect(chordOf(pressed)).toBe(chord));
});

describe("listening", () => {
  let ui: Ui;
  let window: EventTarget;
  let stop: () => void;

  class FakeElement extends EventTarget {
    readonly is: string;
    constructor(is: string) {
      super();
      this.is = is;
    }
    closest(selector: string): unknown {
      return selector.split(", ").includes(this.is) ? this : null;
    }
  }

  beforeEach(() => {
    ui = { ...START, selection: new Set(["n1"]), focus: "n1" };
    window = new EventTarget();
    vi.stubGlobal("window", window);
    vi.stubGlobal("Element", FakeElement);
    const app = {
      doc: docOf({ nodes: [node("n1")] }),
      ui: () => ui,
      setUi: (values: Partial<Ui>) => {
        ui = { ...ui, ...values };
      },
      actions: { spread: vi.fn() },
      view: () => null,
    } as unknown as App;
    stop = listen(app);
  });
  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
  });

  function press(pressed: ReturnType<typeof key>, at: string | null = null): boolean {
    const event = Object.assign(new Event("keydown", { cancelable: true }), pressed, { isComposing: false });
    if (at) Object.defineProperty(event, "target", { value: new FakeElement(at), configurable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  }

  it("does what the table says, and keeps the key from the browser only then", () => {
    expect(press(key("v", "KeyV"))).toBe(true);
    expect(ui.popup).toEqual({ kind: "vary", node: "n1" });
    expect(press(key("w", "KeyW"))).toBe(false);
  });
  it("leaves alone who writes, but for Esc in a window", () => {
    ui = { ...ui, popup: { kind: "find" } };
    expect(press(key("v", "KeyV"), "textarea")).toBe(false);
    expect(press(key("Escape", "Escape"), "textarea")).toBe(true);
    expect(ui.popup).toBe(null);
    expect(press(key("Escape", "Escape"), "textarea")).toBe(false);
  });
  it("leaves a button its Space, and nothing else", () => {
    expect(press(key(" ", "Space"), "button")).toBe(false);
    expect(press(key("v", "KeyV"), "button")).toBe(true);
  });
});
