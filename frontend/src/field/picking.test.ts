/** Picking: each of the edges between two nodes can be hit, a lasso takes what it surrounds. */

import { beforeEach, describe, expect, it } from "vitest";
import { fakeEdge, fakeNode } from "../harness/rows";
import { Doc, emptyRows } from "../model/doc";
import { middle, xAt, yAt } from "./curve";
import { Picking } from "./picking";
import { Scene } from "./scene";

const scene = new Scene();
const picking = new Picking(scene);
const doc = new Doc();

beforeEach(() => {
  const rows = emptyRows();
  [fakeNode(0, 0, 0), fakeNode(1, 900, 0), fakeNode(2, 900, 700)].forEach((node) => {
    rows.nodes.set(node.id, node);
  });
  [fakeEdge("e1", 0, 1), fakeEdge("e2", 0, 1), fakeEdge("e3", 1, 0), fakeEdge("e4", 2, 2)].forEach((edge) => {
    rows.edges.set(edge.id, edge);
  });
  doc.reset(rows, 1);
  scene.update(doc, null, null);
});

function hitAt(x: number, y: number, zoom: number, tiles = false) {
  const found = picking.edgeAt({ x, y }, zoom, tiles ? (e) => e : null);
  return found && { id: scene.edges[found.edge]?.id, t: found.t, tile: found.tile };
}

describe("picking", () => {
  it.each([0.15, 0.5, 1, 2])("finds every lane within four pixels of its line, at zoom %f", (zoom) => {
    for (const [e, edge] of scene.edges.entries()) {
      const curve = scene.curve(e, zoom);
      const [x, y] = [xAt(curve, middle(curve)), yAt(curve, middle(curve))];
      for (const off of [-4, 0, 4]) expect(hitAt(x, y + off / zoom, zoom)?.id).toBe(edge.id);
    }
  });

  it("tells the moment by the place along the line, and inside a tile by the place across it", () => {
    const e = scene.edgeNumber("e1") ?? 0;
    const curve = scene.curve(e, 1);
    const t = curve.from + (curve.to - curve.from) * 0.25;
    expect(hitAt(xAt(curve, t), yAt(curve, t), 1)?.t).toBeCloseTo(0.25, 1);
    const [x, y] = [xAt(curve, middle(curve)), yAt(curve, middle(curve))];
    expect(hitAt(x + 24, y, 1, true)).toEqual({ id: "e1", t: 0.75, tile: true });
  });

  it("takes the tile that is drawn last where tiles overlap, whatever order they are found in", () => {
    const rows = emptyRows();
    // Two that cross in the middle, many times over: an index has its own order.
    for (let i = 0; i < 40; i++) {
      const turn = (Math.PI * i) / 40;
      const [x, y] = [900 * Math.cos(turn), 900 * Math.sin(turn)];
      for (const one of [fakeNode(2 * i, x, y), fakeNode(2 * i + 1, -x, -y)]) rows.nodes.set(one.id, one);
      const edge = fakeEdge(`x${i}`, 2 * i, 2 * i + 1);
      rows.edges.set(edge.id, edge);
    }
    doc.reset(rows, 2);
    scene.update(doc, null, null);
    const layers: ((e: number) => number)[] = [(e) => e, (e) => -e, (e) => (e === 17 ? 99 : e)];
    const top = layers.map((layer) => picking.edgeAt({ x: 0, y: 0 }, 1, layer)?.edge);
    expect(top).toEqual([39, 0, 17]);
  });

  it("finds nothing on empty canvas", () => {
    expect(picking.nodesAt({ x: 450, y: 400 })).toEqual([]);
    expect(hitAt(450, 400, 1, true)).toBeNull();
  });

  it("finds a node where a hand holds it, not where it was", () => {
    scene.hold(new Map([["n0", { x: -500, y: 300 }]]));
    expect(picking.nodesAt({ x: 0, y: 0 })).toEqual([]);
    expect(picking.nodesAt({ x: -500, y: 300 })).toEqual([0]);
    scene.hold(new Map());
    expect(picking.nodesAt({ x: 0, y: 0 })).toEqual([0]);
  });

  it("takes into a lasso the nodes whose middle it surrounds", () => {
    const around = (x: number, y: number, r: number) =>
      [0, 1, 2, 3, 4, 5].map((i) => ({ x: x + r * Math.cos(i), y: y + r * Math.sin(i) }));
    expect(picking.nodesWithin(around(900, 0, 60))).toEqual([1]);
    expect(picking.nodesWithin(around(450, 200, 900)).length).toBe(3);
    expect(picking.nodesWithin(around(450, 0, 60))).toEqual([]);
  });

  it("looks where the lens shows things while it is on", () => {
    scene.setLens(new Map([["n0", { x: 5000, y: 0 }]]));
    scene.mix = 1;
    expect(picking.nodesAt({ x: 5000, y: 0 })).toEqual([0]);
    scene.mix = 0;
    expect(picking.nodesAt({ x: 5000, y: 0 })).toEqual([]);
  });
});
