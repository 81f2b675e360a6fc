/** What lies under a point of the screen, the topmost first. */

import type { Box } from "./camera";
import { CARD } from "./curve";
import { CORNER, TAB, TAB_WIDTH } from "./draw.around";
import { layersOf, tileOf } from "./draw.edges";
import { badgeAt, GRIP } from "./draw.nodes";
import { boardBox, noteBox, type Sight } from "./feel";
import type { Point } from "./host";
import type { Picking } from "./picking";
import type { Under } from "./pointer";
import { slots, trayBox } from "./tray";

/** A hit, and for an edge the moment at that place. */
export interface Hit {
  under: Under;
  t: number;
}

const NOTHING: Hit = { under: null, t: 0 };
const box: Box = { x: 0, y: 0, width: 0, height: 0 };

export function hit(sight: Sight, picking: Picking, screen: Point): Hit {
  const at = sight.camera.toCanvas(screen);
  return (
    inPlayingTile(sight, screen) ??
    inTray(sight, at) ??
    onGrip(sight, screen) ??
    onBoard(sight, screen, false) ??
    onTile(sight, picking, at) ??
    onNode(sight, picking, at) ??
    onLine(sight, picking, at) ??
    onNote(sight, at) ??
    onBoard(sight, screen, true) ??
    NOTHING
  );
}

/** The topmost node under a point of the screen, whatever else lies there. */
export function nodeUnder(
  sight: Sight,
  picking: Picking,
  screen: Point,
  except: string | null,
): string | null {
  const at = sight.camera.toCanvas(screen);
  for (const i of picking.nodesAt(at)) {
    const id = sight.scene.nodes[i]?.id;
    if (id && id !== except) return id;
  }
  return null;
}

function within({ x, y, width, height }: Box, at: Point): boolean {
  return Math.abs(at.x - x) <= width / 2 && Math.abs(at.y - y) <= height / 2;
}

/** The one that somebody plays, or rests on. */
function inPlayingTile(sight: Sight, screen: Point): Hit | null {
  const { rest } = sight.feel;
  const id = sight.shown?.edge ?? (rest.playing ? rest.edge : null);
  const e = id ? sight.scene.edgeNumber(id) : undefined;
  if (!id || e === undefined || !tileOf(sight, e, box) || !within(box, screen)) return null;
  return { under: { kind: "edge", id }, t: (screen.x - box.x) / box.width + 0.5 };
}

/** The tray covers what lies under it. */
function inTray({ ui, scene, jobs }: Sight, at: Point): Hit | null {
  const i = ui.tray ? scene.numberOf(ui.tray) : undefined;
  if (i === undefined || !ui.tray) return null;
  const candidates = jobs.tray(ui.tray);
  const places = slots(candidates.length + jobs.coming(ui.tray).length, scene.height);
  const around = trayBox(places);
  const [x, y] = [at.x - scene.xOf(i), at.y - scene.yOf(i)];
  if (
    !around ||
    x < around.x ||
    y < around.y ||
    x > around.x + around.width ||
    y > around.y + around.height
  ) {
    return null;
  }
  const n = places.findIndex((slot) => within(slot, { x, y }));
  const id = candidates[n];
  return id ? { under: { kind: "candidate", id }, t: 0 } : { under: { kind: "node", id: ui.tray }, t: 0 };
}

function onGrip({ scene, camera, feel, ui, selected }: Sight, screen: Point): Hit | null {
  if (CARD * camera.zoom < 28) return null;
  const shown = new Set<number | undefined>();
  if (feel.hover && "id" in feel.hover) shown.add(scene.numberOf(feel.hover.id));
  if (ui.focus) shown.add(scene.numberOf(ui.focus));
  if (selected.size <= 24) for (const i of selected) shown.add(i);
  for (const i of shown) {
    const node = i === undefined ? undefined : scene.nodes[i];
    if (i === undefined || !node) continue;
    const x = (scene.xOf(i) + CARD / 2 - camera.left) * camera.zoom;
    const y = (scene.yOf(i) - camera.top) * camera.zoom;
    if (Math.hypot(screen.x - x, screen.y - y) <= GRIP + 6)
      return { under: { kind: "handle", id: node.id }, t: 0 };
  }
  return null;
}

function onTile(sight: Sight, picking: Picking, at: Point): Hit | null {
  const { scene, camera } = sight;
  if (scene.mix > 0.5) return null;
  const found = picking.edgeAt(at, camera.zoom, layersOf(sight));
  const edge = found?.tile ? scene.edges[found.edge] : undefined;
  return found && edge ? { under: { kind: "edge", id: edge.id }, t: found.t } : null;
}

function onNode({ scene, camera, jobs, ui }: Sight, picking: Picking, at: Point): Hit | null {
  const [i] = picking.nodesAt(at);
  const node = i === undefined ? undefined : scene.nodes[i];
  if (i === undefined || !node) return null;
  const { zoom } = camera;
  const [width, height] = [CARD * zoom, scene.height * zoom];
  if (width >= 64 && ui.tray !== node.id && jobs.tray(node.id).length + jobs.coming(node.id).length > 0) {
    const badge = badgeAt(width, height);
    const [x, y] = [(at.x - scene.xOf(i)) * zoom - badge.x, (at.y - scene.yOf(i)) * zoom - badge.y];
    if (Math.abs(x) <= 17 && Math.abs(y) <= 13) return { under: { kind: "badge", id: node.id }, t: 0 };
  }
  return { under: { kind: "node", id: node.id }, t: 0 };
}

function onLine({ scene, camera }: Sight, picking: Picking, at: Point): Hit | null {
  if (scene.mix > 0.5) return null;
  const found = picking.edgeAt(at, camera.zoom, null);
  const edge = found ? scene.edges[found.edge] : undefined;
  return found && edge ? { under: { kind: "edge", id: edge.id }, t: found.t } : null;
}

function onNote({ doc, feel, scene }: Sight, at: Point): Hit | null {
  if (scene.mix > 0.5) return null;
  for (const note of [...doc.notes.values()].reverse()) {
    const { x, y, width, height } = noteBox(note, feel);
    if (at.x >= x && at.y >= y && at.x <= x + width && at.y <= y + height) {
      return { under: { kind: "note", id: note.id }, t: 0 };
    }
  }
  return null;
}

/** On a board: its tab and its corner, or what is inside. */
function onBoard({ doc, feel, camera, scene }: Sight, screen: Point, inside: boolean): Hit | null {
  if (scene.mix > 0.5) return null;
  for (const board of [...doc.boards.values()].reverse()) {
    const { x, y, width, height } = boardBox(board, feel);
    const [left, top] = [(x - camera.left) * camera.zoom, (y - camera.top) * camera.zoom];
    const [right, bottom] = [left + width * camera.zoom, top + height * camera.zoom];
    const wide = Math.max(60, Math.min(TAB_WIDTH, right - left));
    const tab = screen.x >= left && screen.x <= left + wide && screen.y >= top - TAB && screen.y < top;
    const corner = Math.abs(screen.x - right) <= CORNER && Math.abs(screen.y - bottom) <= CORNER;
    const within = screen.x >= left && screen.x <= right && screen.y >= top && screen.y <= bottom;
    const part = tab ? "tab" : corner ? "corner" : inside && within ? "inside" : null;
    if (part) return { under: { kind: "board", id: board.id, part }, t: 0 };
  }
  return null;
}
