/** What lies under a point or inside an outline: a spatial index finds what may, exact distances decide. */

import Flatbush from "flatbush";
import { CARD, middle, nearest, TILE, xAt, yAt } from "./curve";
import type { Point } from "./host";
import type { Scene } from "./scene";

/** Half the width in CSS pixels of the band in which an edge is hit. */
export const REACH = 6;
/** From this zoom on edges have a film tile: 36 CSS pixels wide. */
export const TILES_FROM = 36 / TILE;
/** Lanes and bows keep a line within this of the box around its ends, in canvas units at zoom 1. */
const SLACK = 120;

/** An edge under a point, with the moment that lies there. */
export interface EdgeHit {
  edge: number;
  t: number;
  tile: boolean;
}

export class Picking {
  readonly #scene: Scene;
  #nodes: Flatbush | null = null;
  #edges: Flatbush | null = null;
  #key = "";

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Numbers of the nodes under a point, the topmost first. */
  nodesAt(at: Point): number[] {
    this.#ready();
    const [w, h] = [CARD / 2, this.#scene.height / 2];
    const found = this.#nodes?.search(at.x, at.y, at.x, at.y) ?? [];
    return found
      .filter((i) => Math.abs(this.#scene.xOf(i) - at.x) <= w && Math.abs(this.#scene.yOf(i) - at.y) <= h)
      .sort((a, b) => b - a);
  }

  /**
   * The edge under a point: the topmost tile, else the nearest line within reach.
   *
   * @param layer of two edges' tiles, that of the greater one lies above; null: tiles don't count.
   */
  edgeAt(at: Point, zoom: number, layer: ((edge: number) => number) | null): EdgeHit | null {
    this.#ready();
    const reach = REACH / zoom;
    const slack = SLACK + reach + 12 / zoom;
    let best: EdgeHit | null = null;
    let tile: EdgeHit | null = null;
    let least = reach;
    for (const e of this.#edges?.search(at.x - slack, at.y - slack, at.x + slack, at.y + slack) ?? []) {
      const curve = this.#scene.curve(e, zoom);
      if (layer && zoom >= TILES_FROM) {
        const [x, y] = [xAt(curve, middle(curve)), yAt(curve, middle(curve))];
        const height = (TILE * this.#scene.height) / CARD;
        if (Math.abs(at.x - x) <= TILE / 2 && Math.abs(at.y - y) <= height / 2) {
          if (!tile || layer(e) > layer(tile.edge))
            tile = { edge: e, t: (at.x - x) / TILE + 0.5, tile: true };
        }
      }
      const { t, distance } = nearest(curve, at.x, at.y);
      if (distance <= least) {
        best = { edge: e, t, tile: false };
        least = distance;
      }
    }
    return tile ?? best;
  }

  /** Numbers of the nodes that touch a box. */
  nodesIn(left: number, top: number, right: number, bottom: number): number[] {
    this.#ready();
    return this.#nodes?.search(left, top, right, bottom) ?? [];
  }

  /** Numbers of the nodes whose centre lies inside a closed line. */
  nodesWithin(outline: readonly Point[]): number[] {
    const [xs, ys] = [outline.map((p) => p.x), outline.map((p) => p.y)];
    const near = this.nodesIn(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    return near.filter((i) => inside(outline, this.#scene.xOf(i), this.#scene.yOf(i)));
  }

  /** Numbers of the edges whose middle lies in a box. */
  edgesIn(left: number, top: number, right: number, bottom: number, zoom: number): number[] {
    this.#ready();
    return (this.#edges?.search(left, top, right, bottom) ?? []).filter((e) => {
      const curve = this.#scene.curve(e, zoom);
      const [x, y] = [xAt(curve, middle(curve)), yAt(curve, middle(curve))];
      return x >= left && x <= right && y >= top && y <= bottom;
    });
  }

  #ready(): void {
    const scene = this.#scene;
    const key = `${scene.structure} ${scene.places} ${scene.mix}`;
    if (key === this.#key) return;
    this.#key = key;
    const [w, h] = [CARD / 2, scene.height / 2];
    this.#nodes = scene.nodes.length > 0 ? new Flatbush(scene.nodes.length, 16, Float32Array) : null;
    this.#edges = scene.edges.length > 0 ? new Flatbush(scene.edges.length, 16, Float32Array) : null;
    for (let i = 0; i < scene.nodes.length; i++) {
      const [x, y] = [scene.xOf(i), scene.yOf(i)];
      this.#nodes?.add(x - w, y - h, x + w, y + h);
    }
    for (let e = 0; e < scene.edges.length; e++) {
      const [s, t] = [scene.source[e] ?? 0, scene.target[e] ?? 0];
      const [x0, y0, x1, y1] = [scene.xOf(s), scene.yOf(s), scene.xOf(t), scene.yOf(t)];
      // A lane stands off from the straight line by as much as there are lanes; a loop rises above its card.
      const lanes = scene.lanes[e]?.lanes ?? 1;
      const off = s === t ? scene.height + 80 * lanes : lanes > 1 ? (lanes * TILE) / 2 : 0;
      this.#edges?.add(
        Math.min(x0, x1) - off,
        Math.min(y0, y1) - off,
        Math.max(x0, x1) + off,
        Math.max(y0, y1) + off,
      );
    }
    this.#nodes?.finish();
    this.#edges?.finish();
  }
}

/** Whether a point lies inside a closed line (even–odd). */
export function inside(outline: readonly Point[], x: number, y: number): boolean {
  let within = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [a, b] = [outline[i], outline[j]];
    if (!a || !b || a.y > y === b.y > y) continue;
    if (x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) within = !within;
  }
  return within;
}
