/** The pointer table: one answer to each question, and the page in the docs says the same. */

import { describe, expect, it } from "vitest";
import page from "../../../docs/pointer.md?raw";
import { action, type Gesture, POINTER, pointerMarkdown, spot } from "./pointer";

describe("the pointer table", () => {
  it("is what docs/pointer.md shows", () => {
    expect(page).toContain(pointerMarkdown());
  });

  it("has no row that another one hides", () => {
    const hidden = POINTER.filter((rule, i) =>
      POINTER.slice(0, i).some(
        (other) =>
          other.gesture === rule.gesture &&
          (other.on === "anything" || other.on === rule.on) &&
          (other.mode === "any" || other.mode === rule.mode),
      ),
    );
    expect(hidden).toEqual([]);
  });

  it("adds steps by clicks in path mode, and only there", () => {
    const steps = POINTER.filter((rule) => rule.does === "step");
    expect(new Set(steps.map((rule) => rule.mode))).toEqual(new Set(["path"]));
    expect([action("click", "node", "path"), action("click", "edge", "path")]).toEqual(["step", "step"]);
    expect(action("click", "node", "wander")).toBe("select");
  });

  it("moves nothing and changes no selection in path mode", () => {
    const gestures: Gesture[] = [
      "click",
      "shift-click",
      "drag",
      "shift-drag",
      "alt-drag",
      "double-click",
      "tap",
    ];
    const spots = [
      "node",
      "edge",
      "candidate",
      "badge",
      "board tab",
      "board corner",
      "note",
      "empty",
    ] as const;
    const done = gestures.flatMap((gesture) => spots.map((on) => action(gesture, on, "path")));
    expect(new Set(done)).toEqual(new Set(["step", "nothing", "pan"]));
  });

  it("starts a thread from a handle only: to drag a node is to move it", () => {
    expect(action("drag", "handle", "wander")).toBe("connect");
    expect(POINTER.filter((rule) => rule.does === "connect").map((rule) => rule.on)).not.toContain("node");
    expect(action("drag", "node", "wander")).toBe("move things");
  });

  it("takes the inside of a board for empty canvas", () => {
    expect(spot({ kind: "board", id: "b1", part: "inside" })).toBe("empty");
    expect(spot({ kind: "board", id: "b1", part: "tab" })).toBe("board tab");
  });
});
