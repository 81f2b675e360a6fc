/** What lies on the canvas as numbers: a place and a lens place for each node, the ends and lanes of each edge. */

import type { Doc } from "../model/doc";
import type { Edge, Id, Node } from "../model/rows";
import { eased } from "./camera";
import { CARD, type Curve, emptyCurve, type Lane, lanesOf, SETTLED, shape } from "./curve";
import type { Places, Point } from "./host";

const ALONE: Lane = { lane: 0, lanes: 1, flip: false };
const EASE = 240;

/**
 * Nodes and edges by number. Numbers hold until `structure` changes; `moved` are the nodes whose numbers the
 * renderer has not seen yet.
 */
export class Scene {
  nodes: Node[] = [];
  edges: Edge[] = [];
  /** Centres on the user's own layout and in the lens. */
  x = new Float32Array();
  y = new Float32Array();
  lensX = new Float32Array();
  lensY = new Float32Array();
  /** Numbers of the nodes that each edge joins. */
  source = new Int32Array();
  target = new Int32Array();
  lanes: Lane[] = [];
  /** 0 own layout … 1 lens. */
  mix = 0;
  /** Where `mix` is going: 0 or 1. */
  goal = 0;
  /** Height of a card in canvas units: all have the frame's shape. */
  height = 135;
  /** Counts changes of which nodes, edges or pictures there are; `places` counts moves. */
  structure = 0;
  places = 0;
  readonly moved = new Set<number>();
  #nodeAt = new Map<Id, number>();
  #edgeAt = new Map<Id, number>();
  #lens: Places | null = null;
  /** Where a hand holds things just now. */
  #held: ReadonlyMap<Id, Point> = new Map();
  #easing = new Map<number, { x: number; y: number; since: number }>();
  /** Lines by number of the edge, those of them that are `#shape` old as they are now. */
  #curves: Curve[] = [];
  #shaped = new Int32Array();
  #shape = 1;
  #shapedAt = { places: -1, mix: 0, zoom: 0 };

  numberOf(node: Id): number | undefined {
    return this.#nodeAt.get(node);
  }

  edgeNumber(edge: Id): number | undefined {
    return this.#edgeAt.get(edge);
  }

  xOf(i: number): number {
    const own = this.x[i] ?? 0;
    return this.mix === 0 ? own : own + ((this.lensX[i] ?? 0) - own) * this.mix;
  }

  yOf(i: number): number {
    const own = this.y[i] ?? 0;
    return this.mix === 0 ? own : own + ((this.lensY[i] ?? 0) - own) * this.mix;
  }

  /** Where a node will be when nothing glides any more. */
  goalOf(i: number): Point {
    const lens = this.goal === 1;
    return { x: (lens ? this.lensX[i] : this.x[i]) ?? 0, y: (lens ? this.lensY[i] : this.y[i]) ?? 0 };
  }

  /** The line of edge number `e`: worked out once, until something moves, and good until then. */
  curve(e: number, zoom: number): Readonly<Curve> {
    const at = this.#shapedAt;
    const settled = Math.min(zoom, SETTLED);
    if (at.places !== this.places || at.mix !== this.mix || at.zoom !== settled) {
      this.#shapedAt = { places: this.places, mix: this.mix, zoom: settled };
      this.#shape++;
    }
    let curve = this.#curves[e];
    if (curve && this.#shaped[e] === this.#shape) return curve;
    curve ??= emptyCurve();
    const [s, t] = [this.source[e] ?? 0, this.target[e] ?? 0];
    const lane = this.lanes[e] ?? ALONE;
    shape(curve, this.xOf(s), this.yOf(s), this.xOf(t), this.yOf(t), this.height, lane, zoom);
    this.#curves[e] = curve;
    this.#shaped[e] = this.#shape;
    return curve;
  }

  /** Takes in rows. `glide` is the time now if places that changed should be reached gently. */
  update(doc: Doc, changed: ReadonlySet<Id> | null, glide: number | null): void {
    const frame = doc.settings?.frame;
    const height = frame ? (CARD * frame.height) / frame.width : 135;
    if (!changed || height !== this.height || this.#differs(doc, changed)) {
      this.height = height;
      this.#build(doc);
      return;
    }
    for (const id of changed) {
      const e = this.#edgeAt.get(id);
      const edge = e === undefined ? undefined : doc.edges.get(id);
      if (e !== undefined && edge) this.edges[e] = edge;
      const i = this.#nodeAt.get(id);
      const node = i === undefined ? undefined : doc.nodes.get(id);
      if (i === undefined || !node) continue;
      if (this.nodes[i]?.framed !== node.framed) this.structure++;
      this.nodes[i] = node;
      if (!this.#held.has(id)) this.#place(i, node.x, node.y, glide);
    }
  }

  /** Shows things where a hand holds them; an empty map lets them go back to where the rows say. */
  hold(places: ReadonlyMap<Id, Point>): void {
    for (const [id] of this.#held) {
      const i = this.#nodeAt.get(id);
      const node = i === undefined ? undefined : this.nodes[i];
      if (i !== undefined && node && !places.has(id)) this.#place(i, node.x, node.y, null);
    }
    this.#held = places;
    for (const [id, at] of places) {
      const i = this.#nodeAt.get(id);
      if (i !== undefined) this.#place(i, at.x, at.y, null);
    }
  }

  setLens(places: Places | null): void {
    if (this.#lens === places) return;
    this.#lens = places;
    if (places) this.#placeInLens(places);
  }

  get lens(): Places | null {
    return this.#lens;
  }

  /** Moves on what glides; whether anything still does. */
  step(now: number): boolean {
    for (const [i, { x, y, since }] of this.#easing) {
      const node = this.nodes[i];
      const share = Math.min(1, (now - since) / EASE);
      if (!node || share >= 1) this.#easing.delete(i);
      if (node) this.#put(i, x + (node.x - x) * eased(share), y + (node.y - y) * eased(share));
    }
    return this.#easing.size > 0;
  }

  #differs(doc: Doc, changed: ReadonlySet<Id>): boolean {
    for (const id of changed) {
      if (doc.nodes.has(id) !== this.#nodeAt.has(id)) return true;
      const edge = doc.edges.get(id);
      if ((edge !== undefined && !edge.hidden) !== this.#edgeAt.has(id)) return true;
    }
    return false;
  }

  #build(doc: Doc): void {
    this.structure++;
    this.places++;
    this.moved.clear();
    this.#easing.clear();
    this.nodes = [...doc.nodes.values()];
    this.#nodeAt = new Map(this.nodes.map((node, i) => [node.id, i]));
    const count = this.nodes.length;
    for (const axis of ["x", "y", "lensX", "lensY"] as const) this[axis] = new Float32Array(count);
    this.nodes.forEach((node, i) => {
      const at = this.#held.get(node.id) ?? node;
      this.x[i] = at.x;
      this.y[i] = at.y;
    });
    this.edges = [...doc.edges.values()].filter(
      (edge) => !edge.hidden && this.#nodeAt.has(edge.source) && this.#nodeAt.has(edge.target),
    );
    this.#edgeAt = new Map(this.edges.map((edge, e) => [edge.id, e]));
    const lanes = lanesOf(this.edges);
    this.lanes = this.edges.map((edge) => lanes.get(edge.id) ?? ALONE);
    this.#curves = [];
    this.#shaped = new Int32Array(this.edges.length);
    this.source = Int32Array.from(this.edges, (edge) => this.#nodeAt.get(edge.source) ?? 0);
    this.target = Int32Array.from(this.edges, (edge) => this.#nodeAt.get(edge.target) ?? 0);
    this.#placeInLens(this.#lens ?? new Map());
  }

  #placeInLens(places: Places): void {
    this.nodes.forEach((node, i) => {
      const at = places.get(node.id) ?? node;
      this.lensX[i] = at.x;
      this.lensY[i] = at.y;
      this.moved.add(i);
    });
    this.places++;
  }

  #place(i: number, x: number, y: number, glide: number | null): void {
    const [fromX, fromY] = [this.x[i] ?? x, this.y[i] ?? y];
    if (fromX === Math.fround(x) && fromY === Math.fround(y)) return;
    if (glide !== null) this.#easing.set(i, { x: fromX, y: fromY, since: glide });
    else {
      this.#easing.delete(i);
      this.#put(i, x, y);
    }
  }

  #put(i: number, x: number, y: number): void {
    this.x[i] = x;
    this.y[i] = y;
    this.moved.add(i);
    this.places++;
  }
}
