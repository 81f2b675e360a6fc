/** Tidying: along the edges, covering nothing, and leaving alone what was not asked about. */

import { describe, expect, it } from "vitest";
import { type Box, boxAt, occupied, overlap } from "../model/places";
import { board, docOf, edge, node } from "../model/samples";
import { tidied } from "./tidy";

const CARD = { width: 240, height: 135 };

function boxes(layout: ReadonlyMap<string, { x: number; y: number }>): Box[] {
  return [...layout.values()].map((at) => boxAt(at, CARD));
}
function covers(all: readonly Box[], others: readonly Box[] = []): boolean {
  return all.some((one, i) => [...all.slice(i + 1), ...others].some((other) => overlap(one, other)));
}

describe("a layout", () => {
  it("puts the end of every edge to the right of its start", () => {
    const doc = docOf({
      nodes: ["a", "b", "c", "d"].map((id) => node(id)),
      edges: [edge("1", "a", "b"), edge("2", "b", "c"), edge("3", "a", "d"), edge("4", "d", "c")],
    });
    const layout = tidied(doc);
    for (const { source, target } of doc.edges.values()) {
      expect((layout.get(target)?.x ?? 0) - (layout.get(source)?.x ?? 0)).toBeGreaterThanOrEqual(440);
    }
  });

  it("does not go round in circles: the one on the left stays first", () => {
    const doc = docOf({
      nodes: [node("a", 500), node("b", 0), node("c", 900)],
      edges: [edge("1", "a", "c"), edge("2", "c", "b"), edge("3", "b", "a")],
    });
    const layout = tidied(doc);
    const order = [...layout].sort((one, other) => one[1].x - other[1].x).map(([id]) => id);
    expect(order).toEqual(["b", "a", "c"]);
  });

  it("uncrosses what can be uncrossed", () => {
    const doc = docOf({
      nodes: [node("a", 0, 0), node("b", 0, 200), node("c", 400, 0), node("d", 400, 200)],
      edges: [edge("1", "a", "d"), edge("2", "b", "c"), edge("3", "a", "b", { hidden: true })],
    });
    const layout = tidied(doc);
    const y = (id: string) => layout.get(id)?.y ?? 0;
    expect(Math.sign(y("a") - y("b"))).toBe(Math.sign(y("d") - y("c")));
  });

  it("puts single ones in a grid, as they are read", () => {
    const doc = docOf({
      nodes: [node("c", 0, 900), node("b", 900, 0), node("a", 0, 0), node("d", 900, 900)],
    });
    const layout = [...tidied(doc)].sort(([, one], [, other]) => one.y - other.y || one.x - other.x);
    expect(layout.map(([id]) => id)).toEqual(["a", "b", "c", "d"]);
  });

  it("changes nothing when it is asked for again", () => {
    const doc = docOf({
      nodes: [node("a", 3, 7), node("b", 900, 50), node("c", 20, 800), node("d", 0, 0)],
      edges: [edge("1", "a", "b"), edge("2", "a", "c")],
    });
    const once = tidied(doc);
    const rows = [...once].map(([id, { x, y }]) => node(id, x, y));
    const again = docOf({ nodes: rows, edges: [...doc.edges.values()] });
    expect(tidied(again)).toEqual(once);
  });
});

it("a selection is tidied by itself, aside of what is there", () => {
  const doc = docOf({
    nodes: [
      node("a", 0, 0),
      node("b", 10, 10),
      node("c", 20, 20),
      node("other", 300, 0),
      node("far", 5000, 0),
    ],
    edges: [edge("1", "a", "b"), edge("2", "b", "c"), edge("3", "c", "other")],
  });
  const layout = tidied(doc, ["a", "b", "c"]);
  expect([...layout.keys()].sort()).toEqual(["a", "b", "c"]);
  expect(covers(boxes(layout), occupied(doc, new Set(layout.keys())))).toBe(false);
});

it("boards and what lies on them stay where they are", () => {
  const doc = docOf({
    nodes: [node("a", 0, 0), node("b", 50, 0), node("on", 100, 100)],
    boards: [board("b1", 60, 60, 300, 300)],
  });
  const layout = tidied(doc);
  expect([...layout.keys()].sort()).toEqual(["a", "b"]);
  expect(covers(boxes(layout), [...doc.boards.values()])).toBe(false);
});

it("never covers anything, whatever there is", () => {
  let seed = 5;
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 40; round++) {
    const nodes = Array.from({ length: 2 + random(25) }, (_, i) => node(`n${i}`, random(1500), random(900)));
    const edges = Array.from({ length: random(40) }, (_, i) =>
      edge(`e${i}`, `n${random(nodes.length)}`, `n${random(nodes.length)}`),
    );
    const doc = docOf({ nodes, edges });
    const some = nodes.filter(() => random(2)).map((one) => one.id);
    const layout = tidied(doc, some);
    expect(covers(boxes(layout), occupied(doc, new Set(layout.keys())))).toBe(false);
  }
});

it("ten thousand pictures take no longer than somebody waits", () => {
  const nodes = Array.from({ length: 10_000 }, (_, i) =>
    node(`n${i}`, (i % 100) * 300, Math.floor(i / 100) * 200),
  );
  const edges = Array.from({ length: 20_000 }, (_, i) =>
    edge(`e${i}`, `n${(i * 7) % 10_000}`, `n${(i * 13 + 1) % 10_000}`),
  );
  const started = performance.now();
  expect(covers(boxes(tidied(docOf({ nodes, edges }))).slice(0, 500))).toBe(false);
  expect(performance.now() - started).toBeLessThan(5000);
});
