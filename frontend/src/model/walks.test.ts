/** Path mode: a click continues the path, or says what is missing; the path never has a gap. */

import { describe, expect, it } from "vitest";
import type { PathDraft } from "../app/ui";
import type { Doc } from "./doc";
import { docOf, edge, node, sequence } from "./samples";
import {
  EMPTY_PATH,
  isContinuous,
  jointFilled,
  mended,
  pathEnd,
  shortestWay,
  walkedOn,
  without,
} from "./walks";

/** a → b → c → d, a second b → c, d → a, and an island x → y. */
const EDGES = [
  edge("ab", "a", "b"),
  edge("bc", "b", "c"),
  edge("bc2", "b", "c"),
  edge("cd", "c", "d"),
  edge("da", "d", "a"),
  edge("xy", "x", "y"),
  edge("old", "a", "d", { hidden: true }),
];
const world = (edges = EDGES) =>
  docOf({ nodes: ["a", "b", "c", "d", "x", "y"].map((id) => node(id)), edges });

/** Clicks by name: what is no node is an edge. */
function clicked(doc: Doc, ...names: string[]): PathDraft {
  return names.reduce(
    (path, id) => walkedOn(doc, path, { kind: doc.nodes.has(id) ? "node" : "edge", id }),
    EMPTY_PATH,
  );
}
/** "ab -bc ~cd": backwards with a minus, proposed with a tilde. */
const spelt = (path: PathDraft | null) =>
  path?.steps.map((s) => (s.proposed ? "~" : "") + (s.reverse ? "-" : "") + s.edge).join(" ");

describe("clicking edges", () => {
  it("walks them as they come", () => expect(spelt(clicked(world(), "ab", "bc2", "cd"))).toBe("ab bc2 cd"));
  it("walks one backwards that ends where the path does", () => {
    expect(spelt(clicked(world(), "ab", "ab"))).toBe("ab -ab");
    expect(spelt(clicked(world(), "c", "bc"))).toBe("-bc");
  });
  it("proposes the way to one that is further off", () => {
    expect(spelt(clicked(world(), "ab", "cd"))).toBe("ab ~bc cd");
    expect(spelt(clicked(world(), "ab", "da"))).toBe("ab ~bc ~cd da");
  });
  it("goes backwards only where there is no way forwards", () => {
    const doc = world([edge("ab", "a", "b"), edge("cb", "c", "b"), edge("cd", "c", "d")]);
    expect(spelt(clicked(doc, "ab", "cd"))).toBe("ab ~-cb cd");
    const line = world([edge("ab", "a", "b"), edge("cb", "c", "b"), edge("dc", "d", "c")]);
    expect(spelt(clicked(line, "ab", "dc"))).toBe("ab ~-cb -dc");
  });
  it("says what is missing", () => {
    expect(clicked(world(), "ab", "xy").joint).toEqual({ source: "b", target: "x", edges: [] });
  });
  it("does not see a hidden one", () => expect(clicked(world(), "old")).toEqual(EMPTY_PATH));
});

describe("clicking nodes", () => {
  it("starts at the first", () => expect(clicked(world(), "a")).toMatchObject({ start: "a", steps: [] }));
  it("walks the one edge between two", () => expect(spelt(clicked(world(), "a", "b"))).toBe("ab"));
  it("asks which of several, and goes on over the chosen one", () => {
    const path = clicked(world(), "a", "b", "c");
    expect(spelt(path)).toBe("ab");
    expect(path.joint).toEqual({ source: "b", target: "c", edges: ["bc", "bc2"] });
    const filled = jointFilled(world(), path, "bc2");
    expect([spelt(filled), filled.joint]).toEqual(["ab bc2", null]);
    expect(spelt(jointFilled(world(), path, "cd"))).toBe("ab");
  });
  it("proposes the shortest way where there is no edge", () => {
    expect(spelt(clicked(world(), "a", "d"))).toBe("~ab ~bc ~cd");
    expect(spelt(clicked(world([edge("ba", "b", "a")]), "a", "b"))).toBe("~-ba");
  });
  it("says what is missing, and forgets it at the next click", () => {
    const path = clicked(world(), "a", "x");
    expect(path.joint).toEqual({ source: "a", target: "x", edges: [] });
    expect(walkedOn(world(), path, { kind: "node", id: "b" })).toMatchObject({
      joint: null,
      steps: [{ edge: "ab" }],
    });
  });
  it("goes on over an edge that was made for the gap", () => {
    const path = clicked(world(), "a", "x");
    const doc = world([...EDGES, edge("ax", "a", "x")]);
    expect(spelt(jointFilled(doc, path, "ax"))).toBe("ax");
  });
  it("changes nothing on the last one again", () => {
    const path = clicked(world(), "a", "b");
    expect(walkedOn(world(), path, { kind: "node", id: "b" })).toEqual(path);
  });
  it("closes a loop on the first one", () => {
    const path = clicked(world(), "a", "b", "bc", "d", "a");
    expect([spelt(path), path.loop, pathEnd(world(), path)]).toEqual(["ab bc cd da", true, "a"]);
    expect(clicked(world(), "a", "b").loop).toBe(false);
  });
});

describe("removing a step", () => {
  const doc = world();
  it("shortens the path at its ends", () => {
    const path = clicked(doc, "ab", "bc", "cd");
    expect(spelt(without(doc, path, 2))).toBe("ab bc");
    expect(spelt(without(doc, path, 0))).toBe("bc cd");
  });
  it("proposes another way in the middle", () => {
    expect(spelt(without(doc, clicked(doc, "ab", "bc", "cd"), 1))).toBe("ab ~bc2 cd");
  });
  it("is refused where it would leave a gap", () => {
    const line = world([edge("ab", "a", "b"), edge("bc", "b", "c"), edge("cd", "c", "d")]);
    expect(without(line, clicked(line, "ab", "bc", "cd"), 1)).toBe(null);
  });
  it("leaves its start when it was the only one", () => {
    expect(without(doc, clicked(doc, "ab"), 0)).toMatchObject({ start: "a", steps: [] });
  });
});

describe("what happens under a path", () => {
  it("an edge that was cut is walked half by half", () => {
    const doc = docOf({
      nodes: [node("a"), node("b"), node("m", 0, 0, { cut: { edge: "ab", frame: 9, halves: ["am", "mb"] } })],
      edges: [edge("ab", "a", "b", { hidden: true }), edge("am", "a", "m"), edge("mb", "m", "b")],
    });
    const path: PathDraft = {
      ...EMPTY_PATH,
      steps: sequence("s", ["ab", "-ab"]).steps.map((step) => ({ ...step, hold: 5, proposed: false })),
    };
    const after = mended(doc, path);
    expect(spelt(after)).toBe("am mb -mb -am");
    expect(after.steps.map((step) => step.hold)).toEqual([0, 5, 0, 5]);
  });
  it("a deleted edge ends it", () => {
    const path = clicked(world(), "ab", "bc", "cd");
    expect(spelt(mended(world(EDGES.filter((one) => one.id !== "bc")), path))).toBe("ab");
  });
  it("nothing, and it stays the very same", () => {
    const path = clicked(world(), "a", "b", "c");
    expect(mended(world(), path)).toBe(path);
  });
});

it("whatever is clicked, the path stays in one piece", () => {
  const doc = world();
  const names = [...doc.nodes.keys(), ...doc.edges.keys()];
  for (let seed = 1; seed <= 200; seed++) {
    let path = EMPTY_PATH;
    for (let i = 0, at = seed; i < 12; i++) {
      at = (at * 48271) % 2147483647;
      const id = names[at % names.length] ?? "";
      path = walkedOn(doc, path, { kind: doc.nodes.has(id) ? "node" : "edge", id });
      const edges = path.joint?.edges ?? [];
      if (edges[0] && at % 2) path = jointFilled(doc, path, edges[0]);
      if (at % 5 === 0) path = without(doc, path, at % 3) ?? path;
      expect(isContinuous(doc, path.steps)).toBe(true);
    }
  }
});

it("a way to where one is already has no steps, and to nowhere there is none", () => {
  expect(shortestWay(world(), "a", "a")).toEqual([]);
  expect(shortestWay(world(), "a", "x")).toBe(null);
});
