/** Nodes as cards: picture, border, rings, grip, the mark of a branch, the badge of a folded tray, and their words. */

import type { Node } from "../model/rows";
import { openTray } from "./boxes";
import type { Box } from "./camera";
import { CARD } from "./curve";
import type { Sight } from "./feel";
import { accent, CARD_EMPTY, HAIRLINE, HOVERED, INK, PANEL, PANEL_EDGE, SHADE, WHITE } from "./palette";
import { colourOf, faded, type Picture } from "./renderer";

/** Cards are drawn one by one from this width on, in CSS pixels, and while there are not too many. */
export const NEAR = 40;
export const MOST_NEAR = 1500;
const LABELLED = 90;
/** With more cards than this in view, a map has no room for words, and looking for it takes too long. */
const MOST_IN_MAP = 300;
/** Device pixels from which the atlas's 32 are too few, and 256, and 512. */
const SMALL = 56;
const LARGER = 300;
const LARGEST = 620;
export const GRIP = 7;

/** Numbers of the nodes in view, reused from frame to frame. */
export class Visible {
  readonly numbers = new Int32Array(4096);
  count = 0;

  find({ scene, camera }: Pick<Sight, "scene" | "camera">): void {
    const [w, h] = [CARD / 2, scene.height / 2];
    const [left, right] = [camera.left - w, camera.right + w];
    const [top, bottom] = [camera.top - h, camera.bottom + h];
    this.count = 0;
    for (let i = 0; i < scene.nodes.length; i++) {
      const x = scene.xOf(i);
      if (x < left || x > right) continue;
      const y = scene.yOf(i);
      if (y < top || y > bottom) continue;
      if (this.count < this.numbers.length) this.numbers[this.count] = i;
      this.count++;
    }
  }
}

export function near({ camera }: Sight, visible: Visible): boolean {
  return CARD * camera.zoom >= NEAR && visible.count <= MOST_NEAR;
}

/** The best picture of a node that is there; what is missing is asked for. */
export function pictureOf(sight: Sight, i: number, width: number): Picture | null {
  const { pictures, scene, renderer, cells, ratio } = sight;
  const node = scene.nodes[i];
  if (!node) return null;
  const pixels = width * ratio;
  const cell = cells[i] ?? -1;
  if (pixels < SMALL && cell >= 0) return renderer.cell(cell);
  const side = pixels > LARGEST ? 1280 : pixels > LARGER ? 512 : 0;
  const large = side > 0 ? pictures.large(node.framed, side) : null;
  if (large) return large;
  const small = pictures.small(node.framed);
  if (small) return small;
  return cell < 0 ? null : renderer.cell(cell);
}

export function drawNodes(sight: Sight, visible: Visible): void {
  const { renderer, scene, camera } = sight;
  if (!near(sight, visible)) {
    renderer.cards();
    for (const i of sight.selected) ring(sight, i, accent(sight.ui), 2, 1.5);
    drawRings(sight);
    return;
  }
  const width = CARD * camera.zoom;
  const height = scene.height * camera.zoom;
  const radius = Math.min(10, 6 * camera.zoom + 2);
  const [left, top] = [camera.left, camera.top];
  const hovered = hoveredNode(sight);
  for (let n = 0; n < visible.count; n++) {
    const i = visible.numbers[n] ?? 0;
    const x = (scene.xOf(i) - left) * camera.zoom;
    const y = (scene.yOf(i) - top) * camera.zoom;
    const picture = pictureOf(sight, i, width);
    if (width > 70) renderer.shadow(x, y + 3, width, height, radius, 14, SHADE);
    const hot = scene.nodes[i]?.id === hovered;
    renderer.box(
      x,
      y,
      width,
      height,
      radius,
      picture ? WHITE : CARD_EMPTY,
      hot ? HOVERED : HAIRLINE,
      1,
      picture,
    );
    const node = scene.nodes[i];
    if (node && width >= 64) drawMarks(sight, node, x, y, width, height);
  }
  for (const i of sight.selected) ring(sight, i, accent(sight.ui), 3, 2);
  drawRings(sight);
}

/** Rings of others' selections, of the focus, and around where something would be dropped. */
function drawRings(sight: Sight): void {
  const { ui, scene, feel, host } = sight;
  for (const other of host.presences()) {
    for (const id of other.selection) {
      const i = scene.numberOf(id);
      if (i !== undefined) ring(sight, i, colourOf(other.colour), 1, 1.25);
    }
  }
  const start = ui.path?.start && ui.path.steps.length === 0 ? scene.numberOf(ui.path.start) : undefined;
  if (start !== undefined) ring(sight, start, accent(ui), 3, 3);
  const focused = ui.focus ? scene.numberOf(ui.focus) : undefined;
  if (focused !== undefined) ring(sight, focused, WHITE, 6, 1.5);
  const over = feel.thread?.over ?? feel.like?.over;
  const target = over ? scene.numberOf(over) : undefined;
  if (target !== undefined) ring(sight, target, accent(ui), 5, 3);
}

function ring(sight: Sight, i: number, colour: number, away: number, thick: number): void {
  const { scene, camera, renderer } = sight;
  const [w, h] = [CARD * camera.zoom, scene.height * camera.zoom];
  const x = (scene.xOf(i) - camera.left) * camera.zoom;
  const y = (scene.yOf(i) - camera.top) * camera.zoom;
  if (x < -w || y < -h || x > camera.width + w || y > camera.height + h) return;
  const grow = 2 * (away + thick);
  const radius = Math.min(10, 6 * camera.zoom + 2) + away;
  renderer.box(x, y, w + grow, h + grow, radius, faded(colour, 0), colour, thick);
}

function hoveredNode({ feel }: Sight): string | null {
  const { hover } = feel;
  return hover && (hover.kind === "node" || hover.kind === "handle" || hover.kind === "badge")
    ? hover.id
    : null;
}

/** A folded tray's badge lies on the lower right corner of its card. */
export function badgeAt(width: number, height: number): { x: number; y: number } {
  return { x: width / 2 - 16, y: height / 2 - 14 };
}

function drawMarks(sight: Sight, node: Node, x: number, y: number, width: number, height: number): void {
  const { renderer, jobs, ui } = sight;
  if (node.cut) {
    // Scissors, as small as they can be told: two blades that cross.
    const [cx, cy] = [x - width / 2 + 15, y - height / 2 + 15];
    renderer.box(cx, cy, 20, 20, 10, PANEL, PANEL_EDGE, 1);
    renderer.line(cx - 4, cy + 4, cx + 4, cy - 4, 1.5, 1.5, WHITE);
    renderer.line(cx - 4, cy - 4, cx + 4, cy + 4, 1.5, 1.5, WHITE);
    renderer.box(cx - 4, cy + 4, 4, 4, 2, WHITE);
    renderer.box(cx - 4, cy - 4, 4, 4, 2, WHITE);
  }
  const count = jobs.tray(node.id).length;
  const coming = jobs.coming(node.id).length;
  if (width >= LABELLED && (count > 0 || coming > 0) && ui.tray !== node.id) {
    const at = badgeAt(width, height);
    const [bx, by] = [x + at.x, y + at.y];
    renderer.box(bx + 3, by - 3, 28, 20, 5, PANEL, PANEL_EDGE, 1);
    renderer.box(bx, by, 28, 20, 5, PANEL, HOVERED, 1);
  }
}

/** The grip that starts a thread, at the right edge of what is hovered, selected or focused. */
export function drawGrips(sight: Sight): void {
  const { ui, scene, feel } = sight;
  if (feel.thread) return;
  const hovered = hoveredNode(sight);
  const shown = new Set<number>();
  for (const id of [hovered, ui.focus]) {
    const i = id ? scene.numberOf(id) : undefined;
    if (i !== undefined) shown.add(i);
  }
  if (sight.selected.size <= 24) for (const i of sight.selected) shown.add(i);
  for (const i of shown)
    drawGrip(sight, i, feel.hover?.kind === "handle" && feel.hover.id === scene.nodes[i]?.id);
}

function drawGrip({ scene, camera, renderer, ui }: Sight, i: number, hot: boolean): void {
  if (CARD * camera.zoom < 28) return;
  const x = (scene.xOf(i) + CARD / 2 - camera.left) * camera.zoom;
  const y = (scene.yOf(i) - camera.top) * camera.zoom;
  const r = hot ? GRIP + 2 : GRIP;
  renderer.shadow(x, y + 1, 2 * r, 2 * r, r, 6, SHADE);
  renderer.box(x, y, 2 * r, 2 * r, r, hot ? WHITE : accent(ui), INK, 2);
  renderer.line(x - 2.5, y - 3, x + 2, y, 1.5, 1.5, INK);
  renderer.line(x + 2, y, x - 2.5, y + 3, 1.5, 1.5, INK);
}

export function labelNodes(sight: Sight, visible: Visible): void {
  const { scene, camera, labels, jobs, ui } = sight;
  const width = CARD * camera.zoom;
  if (width < LABELLED || !near(sight, visible)) return;
  const { zoom } = camera;
  const covered = openTray(sight); // words would show through it
  const hovered = hoveredNode(sight);
  for (let n = 0; n < visible.count && !labels.full; n++) {
    const i = visible.numbers[n] ?? 0;
    const node = scene.nodes[i];
    if (!node) continue;
    const [x, y] = [scene.xOf(i) * zoom, scene.yOf(i) * zoom];
    const text = node.rating > 0 ? `${node.label}  ${"★".repeat(node.rating)}` : node.label;
    if (covered && within(covered, scene.xOf(i), scene.yOf(i) + scene.height / 2 + 14)) continue;
    const chosen = sight.selected.has(i) ? " chosen" : "";
    const spoken = scene.mix < 0.5 || hovered === node.id || chosen !== "";
    if (text && (spoken || (scene.mix === 1 && roomBelow(sight, visible, i, text))))
      labels.put(node.id, `of-node${chosen}`, text, x, y + (scene.height * zoom) / 2 + 7, width);
    const waiting = jobs.tray(node.id).length + jobs.coming(node.id).length;
    if (waiting > 0 && ui.tray !== node.id) {
      const at = badgeAt(width, scene.height * zoom);
      labels.put(`badge ${node.id}`, "of-badge", String(waiting), x + at.x - 14, y + at.y - 10, 28);
    }
  }
}

/** Of a letter, and of a line with what is around it, in CSS pixels: about. */
const LETTER = 6.8;
const LINE = 28;

/** Whether words below a card would lie on no other card. In a map cards may lie anywhere, also on one another. */
function roomBelow({ scene, camera }: Sight, visible: Visible, i: number, text: string): boolean {
  if (visible.count > MOST_IN_MAP) return false;
  const { zoom } = camera;
  const reach = (CARD + Math.min(CARD, (text.length * LETTER + 12) / zoom)) / 2;
  // From just inside the card, so that of two cards side by side on one another neither speaks.
  const top = scene.yOf(i) + scene.height / 2 - 4 / zoom;
  for (let n = 0; n < visible.count; n++) {
    const j = visible.numbers[n] ?? 0;
    if (j === i || Math.abs(scene.xOf(j) - scene.xOf(i)) >= reach) continue;
    const y = scene.yOf(j);
    if (y + scene.height / 2 > top && y - scene.height / 2 < top + LINE / zoom) return false;
  }
  return true;
}

function within(box: Box, x: number, y: number): boolean {
  const reach = CARD / 2;
  return x > box.x - reach && x < box.x + box.width + reach && y > box.y && y < box.y + box.height;
}
