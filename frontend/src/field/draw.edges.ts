/** Edges as lines with a direction, and the film tile in the middle of each. */

import type { Edge, Id } from "../model/rows";
import { type Box, eased } from "./camera";
import { CARD, lengthOf, middle, TILE, TILE_PLAYING, xAt, yAt } from "./curve";
import { pictureOf } from "./draw.nodes";
import type { Sight } from "./feel";
import {
  AMBER,
  accent,
  CARD_EMPTY,
  HAIRLINE,
  HOVERED,
  INK,
  LINE,
  LINE_FAR,
  LINE_LENS,
  RED,
  SHADE,
  TRACK,
  WHITE,
} from "./palette";
import { TILES_FROM } from "./picking";
import { type Colour, faded } from "./renderer";
import { secondsOf } from "./walk";

const CURVES_FROM = 0.2;
const MOST_CURVES = 700;

/** Numbers of the edges that are drawn one by one, reused from frame to frame. */
export class VisibleEdges {
  readonly numbers = new Int32Array(2048);
  count = 0;
  /** Whether all in view are among them. */
  all = true;

  find({ scene, camera }: Sight): void {
    this.count = 0;
    this.all = camera.zoom >= CURVES_FROM;
    if (!this.all) return;
    const slack = 80 + 30 / camera.zoom;
    const [left, right] = [camera.left - slack, camera.right + slack];
    const [top, bottom] = [camera.top - slack - scene.height, camera.bottom + slack];
    // Twenty thousand a frame: plain arrays where no lens mixes places.
    const { source, target, x, y, mix } = scene;
    for (let e = 0; e < source.length; e++) {
      const s = source[e] ?? 0;
      const t = target[e] ?? 0;
      const x0 = mix === 0 ? (x[s] ?? 0) : scene.xOf(s);
      const x1 = mix === 0 ? (x[t] ?? 0) : scene.xOf(t);
      if ((x0 < left && x1 < left) || (x0 > right && x1 > right)) continue;
      const y0 = mix === 0 ? (y[s] ?? 0) : scene.yOf(s);
      const y1 = mix === 0 ? (y[t] ?? 0) : scene.yOf(t);
      if ((y0 < top && y1 < top) || (y0 > bottom && y1 > bottom)) continue;
      if (this.count < this.numbers.length) this.numbers[this.count] = e;
      this.count++;
    }
    this.all = this.count <= MOST_CURVES;
    this.count = Math.min(this.count, this.numbers.length);
  }
}

/** The steps of the path in the making, and what stands out, by edge. */
interface Marks {
  steps: Map<Id, { numbers: string; proposed: boolean }>;
  loud: Set<Id>;
}

export function marksOf({ ui, feel, doc, shown }: Sight): Marks {
  const steps: Marks["steps"] = new Map();
  ui.path?.steps.forEach((step, i) => {
    const known = steps.get(step.edge);
    const numbers = known ? `${known.numbers} · ${i + 1}` : String(i + 1);
    steps.set(step.edge, { numbers, proposed: step.proposed || (known?.proposed ?? false) });
  });
  const loud = new Set<Id>(steps.keys());
  for (const id of ui.selection) if (doc.edges.has(id)) loud.add(id);
  if (ui.focus && doc.edges.has(ui.focus)) loud.add(ui.focus);
  if (feel.hover?.kind === "edge") loud.add(feel.hover.id);
  for (const id of ui.path?.joint?.edges ?? []) loud.add(id);
  if (shown) loud.add(shown.edge);
  return { steps, loud };
}

export function drawLines(sight: Sight, edges: VisibleEdges, marks: Marks): void {
  const { scene, renderer, camera } = sight;
  const lens = scene.mix;
  if (!edges.all) {
    const crowd = Math.min(2.2, Math.min(1, Math.sqrt(12000 / (scene.edges.length + 1))) + camera.zoom * 8);
    renderer.lines(lens > 0.5 ? LINE_LENS : faded(LINE_FAR, crowd));
  } else {
    const colour = lens > 0 ? faded(LINE, 1 - 0.75 * lens) : LINE;
    for (let n = 0; n < edges.count; n++) {
      const e = edges.numbers[n] ?? 0;
      const edge = scene.edges[e];
      if (edge && !marks.loud.has(edge.id)) drawLine(sight, e, colour, 1.5, false, 0);
    }
  }
  for (const id of marks.loud) {
    const e = scene.edgeNumber(id);
    if (e === undefined) continue;
    const step = marks.steps.get(id);
    const playing = sight.feel.rest.edge === id && sight.feel.rest.playing;
    const hovered = sight.feel.hover?.kind === "edge" && sight.feel.hover.id === id;
    const chosen = sight.ui.selection.has(id) || sight.ui.focus === id;
    const colour = step || chosen || playing ? accent(sight.ui) : hovered ? 0xd5d9e2ff : accent(sight.ui);
    drawLine(sight, e, colour, step ? 3.5 : 2.5, playing || (step?.proposed ?? false), playing ? 26 : 0);
  }
}

/** `flow`: CSS pixels a second that its dashes move. */
function drawLine(
  sight: Sight,
  e: number,
  colour: Colour,
  width: number,
  dashed: boolean,
  flow: number,
): void {
  const { scene, camera, renderer, now, ui } = sight;
  const { zoom } = camera;
  const curve = scene.curve(e, zoom);
  const whole = lengthOf(curve) * zoom;
  const length = whole * (curve.to - curve.from);
  const head = Math.min(5 + 2.5 * width, Math.max(length, 40 * zoom) / 3, 3 + 26 * zoom);
  // The head takes its length off the line; the line swells towards it, so that a glance tells the direction.
  const to = curve.to - Math.min(0.2, (head * 0.7) / Math.max(1, whole));
  const phase = ui.reducedMotion ? 0 : (now / 1000) * flow;
  renderer.curve(curve, curve.from, to, width * 0.7, width * 1.15, colour, dashed ? 7 : 0, phase);
  if (head < 3) return;
  const tipX = (xAt(curve, curve.to) - camera.left) * zoom;
  const tipY = (yAt(curve, curve.to) - camera.top) * zoom;
  const backX = (xAt(curve, to - 0.01) - camera.left) * zoom;
  const backY = (yAt(curve, to - 0.01) - camera.top) * zoom;
  const away = Math.hypot(tipX - backX, tipY - backY) || 1;
  const dx = (tipX - backX) / away;
  const dy = (tipY - backY) / away;
  renderer.line(tipX - dx * head, tipY - dy * head, tipX, tipY, head * 0.9, 0, colour);
}

/** How far the tile of an edge has grown, 0–1: while it is rested on, or somebody plays it. */
function grownOf({ feel, ui, shown }: Sight, edge: Id): number {
  if (feel.rest.edge === edge && feel.rest.playing) return eased(feel.rest.grown);
  if (shown?.edge !== edge) return 0;
  return ui.reducedMotion ? 1 : feel.shown.edge === edge ? eased(feel.shown.grown) : 0;
}

/** The tile of an edge in CSS pixels of the view, x and y its centre; false if it has none just now. */
export function tileOf(sight: Sight, e: number, into: Box): boolean {
  const { scene, camera } = sight;
  const { zoom } = camera;
  const edge = scene.edges[e];
  if (!edge) return false;
  const grows = grownOf(sight, edge.id);
  const plain = zoom >= TILES_FROM && scene.mix < 0.5;
  if (!plain && grows === 0) return false;
  const curve = scene.curve(e, zoom);
  const t = middle(curve);
  const large = Math.min(640, Math.max(190, TILE_PLAYING * zoom));
  const small = plain ? TILE * zoom : 60;
  into.width = small;
  into.height = (small * scene.height) / CARD;
  into.x = (xAt(curve, t) - camera.left) * zoom;
  into.y = (yAt(curve, t) - camera.top) * zoom;
  if (grows > 0) grow(sight, into, Math.max(large, small), grows);
  return true;
}

/** From the view's border, or a panel's, to a tile that has grown, in CSS pixels. */
const MARGIN = 12;

/** Grows a tile towards a width, and keeps it in view meanwhile, unless its place is out of sight. */
function grow(sight: Sight, into: Box, width: number, grows: number): void {
  const { camera, scene, host } = sight;
  const height = (width * scene.height) / CARD;
  if (!outside(sight, into)) {
    const { left, right, top, bottom } = host.insets();
    into.x += (kept(into.x, width / 2 + MARGIN, camera.width, left, right) - into.x) * grows;
    into.y += (kept(into.y, height / 2 + MARGIN, camera.height, top, bottom) - into.y) * grows;
  }
  into.width += (width - into.width) * grows;
  into.height += (height - into.height) * grows;
}

/** The nearest place at which `half` to either side is clear of panels, or else in view, or else the middle. */
function kept(at: number, half: number, all: number, before: number, after: number): number {
  const [from, to] = all - before - after < 2 * half ? [0, all] : [before, all - after];
  return to - from < 2 * half ? (from + to) / 2 : Math.min(to - half, Math.max(from + half, at));
}

/** Tiles that have grown: they cover what lies below, words too. In CSS pixels of the view, x and y their centres. */
export function grownTiles(sight: Sight): Box[] {
  const { feel, shown, scene } = sight;
  const edges = new Set([shown?.edge, feel.rest.playing ? feel.rest.edge : null]);
  return [...edges].flatMap((id): Box[] => {
    const e = id ? scene.edgeNumber(id) : undefined;
    const into = { x: 0, y: 0, width: 0, height: 0 };
    return id && e !== undefined && grownOf(sight, id) > 0 && tileOf(sight, e, into) ? [into] : [];
  });
}

/** Those that stand out, in the order in which they are drawn: what plays lies above all others. */
function inOrder({ shown }: Sight, marks: Marks): Id[] {
  return [...marks.loud].sort((a, b) => Number(a === shown?.edge) - Number(b === shown?.edge));
}

/** In which order the tiles of edges are drawn, by their numbers: a greater one lies above. */
export function layersOf(sight: Sight): (e: number) => number {
  const { edges } = sight.scene;
  const loud = new Map(inOrder(sight, marksOf(sight)).map((id, i) => [id, edges.length + i]));
  return (e) => loud.get(edges[e]?.id ?? "") ?? e;
}

const box: Box = { x: 0, y: 0, width: 0, height: 0 };

export function drawTiles(sight: Sight, edges: VisibleEdges, marks: Marks): number {
  const { scene, camera } = sight;
  let drawn = 0;
  if (camera.zoom >= TILES_FROM && scene.mix < 0.5) {
    for (let n = 0; n < edges.count; n++) {
      const e = edges.numbers[n] ?? 0;
      const edge = scene.edges[e];
      if (!edge || marks.loud.has(edge.id) || !tileOf(sight, e, box)) continue;
      if (outside(sight, box)) continue;
      const t =
        drawn < sight.ui.alive ? toAndFro(sight.now / 1000 / secondsOf(sight.doc, edge) + 0.37 * n) : null;
      drawTile(sight, e, edge, box, HAIRLINE, t, false);
      drawn++;
    }
  }
  const { shown } = sight;
  for (const id of inOrder(sight, marks)) {
    const e = scene.edgeNumber(id);
    const edge = e === undefined ? undefined : scene.edges[e];
    if (e === undefined || !edge || !tileOf(sight, e, box) || outside(sight, box)) continue;
    const rests = sight.feel.rest.edge === id && sight.feel.rest.playing;
    const t = shown?.edge === id ? shown.t : rests ? sight.feel.rest.t : null;
    const chosen = sight.ui.selection.has(id) || sight.ui.focus === id || marks.steps.has(id);
    drawTile(sight, e, edge, box, chosen ? accent(sight.ui) : HOVERED, t);
    drawn++;
  }
  return drawn;
}

/** 0 to 1 and back, 1 at odd numbers, resting a little at both ends. */
function toAndFro(turns: number): number {
  const there = Math.abs(((turns + 1) % 2) - 1);
  return eased(Math.min(1, Math.max(0, there * 1.2 - 0.1)));
}

function outside({ camera }: Sight, { x, y, width, height }: Box): boolean {
  const w = width / 2;
  const h = height / 2;
  return x + w < 0 || y + h < 0 || x - w > camera.width || y - h > camera.height;
}

/** `t`: the moment that it shows, null for the still half way; `bar`: whether it shows how far that is. */
function drawTile(
  sight: Sight,
  e: number,
  edge: Edge,
  at: Box,
  border: Colour,
  t: number | null,
  bar = true,
): void {
  const { renderer, scene, jobs, living, now, ui } = sight;
  const { x, y, width, height } = at;
  const radius = Math.min(10, 3 + width * 0.04);
  const pixels = width * sight.ratio;
  const moving = t === null ? null : living.at(edge, t, pixels);
  const seen = moving ?? living.still(edge);
  if (width > 60) renderer.shadow(x, y + 2, width, height, radius, 10, SHADE);
  renderer.box(x, y, width + 3, height + 3, radius + 1.5, INK);
  if (seen) renderer.box(x, y, width, height, radius, WHITE, border, border === HAIRLINE ? 1 : 2, seen);
  else {
    const a = pictureOf(sight, scene.source[e] ?? 0, 96);
    const b = pictureOf(sight, scene.target[e] ?? 0, 96);
    if (a && b) renderer.split(x, y, width, height, radius, a, b);
    else renderer.box(x, y, width, height, radius, CARD_EMPTY);
    renderer.box(x, y, width, height, radius, 0x00000040, border, border === HAIRLINE ? 1 : 2);
  }
  const { state, share, stale, final } = jobs.state(edge);
  const left = x - width / 2;
  const right = x + width / 2;
  const top = y - height / 2;
  const bottom = y + height / 2;
  if (t !== null && bar) {
    renderer.box(x, bottom - 5, width - 12, 3, 1.5, TRACK);
    renderer.box(left + 6 + ((width - 12) * t) / 2, bottom - 5, Math.max(3, (width - 12) * t), 3, 1.5, WHITE);
  } else if (state === "running") {
    renderer.box(x, bottom - 6, width - 14, 4, 2, TRACK);
    const done = Math.max(4, (width - 14) * share);
    renderer.box(left + 7 + done / 2, bottom - 6, done, 4, 2, accent(ui));
  } else if (state === "queued") {
    const pulse = ui.reducedMotion ? 0.8 : 0.55 + 0.45 * Math.sin(now / 260);
    renderer.box(x, bottom - 9, 8, 8, 4, faded(WHITE, pulse));
  }
  if (state === "failed") {
    renderer.box(right - 9, top + 9, 14, 14, 7, RED);
    renderer.line(right - 9, top + 5.5, right - 9, top + 10, 2, 2, WHITE);
    renderer.box(right - 9, top + 12.5, 2, 2, 1, WHITE);
  } else if (stale) renderer.box(right - 8, top + 8, 8, 8, 4, AMBER, INK, 1.5);
  if (final) {
    renderer.box(left + 8, top + 8, 9, 9, 2, WHITE, INK, 1.5);
    renderer.box(left + 8, top + 8, 3, 3, 1, INK);
  }
}

/**
 * How long the edges that stand out last and what state they are in, and the numbers of the path's steps. Of those that
 * only belong to a path, numbers are enough: words would lie on pictures and on parallel edges.
 */
export function labelEdges(sight: Sight, marks: Marks): void {
  const { scene, labels, camera, doc, jobs, ui, feel, shown } = sight;
  const spoken = new Set([
    ...ui.selection,
    ui.focus,
    shown?.edge,
    feel.hover?.kind === "edge" && feel.hover.id,
  ]);
  for (const id of marks.loud) {
    const e = scene.edgeNumber(id);
    const edge = e === undefined ? undefined : scene.edges[e];
    if (e === undefined || !edge) continue;
    const tile = tileOf(sight, e, box);
    const curve = scene.curve(e, camera.zoom);
    const t = middle(curve);
    const x = tile ? box.x : (xAt(curve, t) - camera.left) * camera.zoom;
    const y = tile ? box.y : (yAt(curve, t) - camera.top) * camera.zoom;
    const half = tile ? box.height / 2 : 0;
    // Of labels, the origin is that of the canvas.
    const [ox, oy] = [camera.left * camera.zoom, camera.top * camera.zoom];
    const step = marks.steps.get(id);
    if (step) {
      const kind = step.proposed ? "of-step proposed" : "of-step";
      labels.put(`step ${id}`, kind, step.numbers, x + ox, y + oy - half - 13);
    }
    if (!spoken.has(id)) continue;
    const { state, final, stale } = jobs.state(edge);
    const words = [`${secondsOf(doc, edge).toFixed(1)} s`];
    if (edge.label) words.unshift(edge.label);
    if (state === "failed") words.push("failed");
    else if (state === "queued") words.push("queued");
    else if (state === "running") words.push("drawing");
    else if (stale) words.push("stale");
    if (final) words.push("final");
    labels.put(`edge ${id}`, "of-edge", words.join(" · "), x + ox, y + oy + half + 6);
  }
}
