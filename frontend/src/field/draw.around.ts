/** What lies around nodes and edges: boards, notes, the open tray, pictures on their way in, others, and hands at work. */

import { type Box, eased, landing } from "./camera";
import { CARD, emptyCurve, shape } from "./curve";
import { boardBox, type Feel, noteBox, type Sight } from "./feel";
import type { Point } from "./host";
import {
  accent as accentOf,
  CARD_EMPTY,
  HAIRLINE,
  PANEL,
  PANEL_EDGE,
  RED,
  SHADE,
  TRACK,
  WHITE,
} from "./palette";
import { colourOf, css, faded } from "./renderer";
import { slots, trayBox } from "./tray";

const curve = emptyCurve();
export const TAB = 28;
export const TAB_WIDTH = 150;
export const CORNER = 16;

function screen({ camera }: Sight, at: Point): [number, number] {
  return [(at.x - camera.left) * camera.zoom, (at.y - camera.top) * camera.zoom];
}

/** Boards, notes and arrivals lie on the user's own layout: in a lens they are gone. */
export function drawBoards(sight: Sight): void {
  if (sight.scene.mix > 0.5) return;
  const { doc, feel, renderer, camera, labels, ui } = sight;
  const { zoom } = camera;
  for (const board of doc.boards.values()) {
    const { x, y, width, height } = boardBox(board, feel);
    const [cx, cy] = screen(sight, { x: x + width / 2, y: y + height / 2 });
    const [w, h] = [width * zoom, height * zoom];
    if (cx + w / 2 < 0 || cy + h / 2 < 0 || cx - w / 2 > camera.width || cy - h / 2 > camera.height) continue;
    const chosen = ui.selection.has(board.id) || ui.focus === board.id;
    const hot = feel.hover?.kind === "board" && feel.hover.id === board.id;
    const colour = colourOf(board.colour);
    const radius = Math.min(16, 14 * zoom + 2);
    renderer.box(
      cx,
      cy,
      w,
      h,
      radius,
      faded(colour, 0.07),
      faded(colour, chosen ? 1 : hot ? 0.8 : 0.45),
      chosen ? 2 : 1.25,
    );
    if (hot || chosen) {
      // A grip to resize it by: two strokes in the corner.
      const [rx, ry] = [cx + w / 2 - 5, cy + h / 2 - 5];
      renderer.line(rx - 9, ry, rx, ry - 9, 1.5, 1.5, colour);
      renderer.line(rx - 4, ry, rx, ry - 4, 1.5, 1.5, colour);
    }
    if (w > 60)
      labels.put(
        board.id,
        `of-board${chosen ? " chosen" : ""}`,
        board.name || "Board",
        x * zoom,
        y * zoom - TAB,
        Math.min(TAB_WIDTH, w),
        board.colour,
      );
  }
}

export function drawNotes(sight: Sight): void {
  if (sight.scene.mix > 0.5) return;
  const { doc, feel, renderer, camera, labels, ui } = sight;
  const { zoom } = camera;
  for (const note of doc.notes.values()) {
    const { x, y, width, height } = noteBox(note, feel);
    const [cx, cy] = screen(sight, { x: x + width / 2, y: y + height / 2 });
    const [w, h] = [width * zoom, height * zoom];
    if (cx + w / 2 < 0 || cy + h / 2 < 0 || cx - w / 2 > camera.width || cy - h / 2 > camera.height) continue;
    const colour = colourOf(note.colour);
    const chosen = ui.selection.has(note.id) || ui.focus === note.id;
    renderer.box(
      cx,
      cy,
      w,
      h,
      6 * Math.min(1, zoom),
      0x1d1e22ff,
      chosen ? accentOf(ui) : faded(colour, 0.5),
      chosen ? 2 : 1,
    );
    renderer.box(cx - w / 2 + 2 * zoom, cy, Math.max(2, 3 * zoom), h - 8 * zoom, 1.5 * zoom, colour);
    if (zoom > 0.35) {
      const key = `${note.id}`;
      labels.put(key, "of-note", note.text, x * zoom, y * zoom, width * zoom, note.colour);
      labels.scale(key, zoom);
    } else if (w > 24) {
      // Too far away to read: it is seen that there are words.
      for (const [line, share] of [
        [-0.12, 0.7],
        [0.12, 0.45],
      ] as const)
        renderer.box(cx - (w * (0.76 - share)) / 2, cy + h * line, w * share, 2, 1, faded(colour, 0.35));
    }
  }
}

/** Pictures on their way in: their own copy as soon as the browser can show it, and how far they are. */
export function drawArrivals(sight: Sight): void {
  if (sight.scene.mix > 0.5) return;
  const { host, renderer, camera, scene, pictures, labels } = sight;
  const { zoom } = camera;
  for (const { key, name, at, share, preview, failure } of host.arrivals()) {
    const [x, y] = screen(sight, at);
    const [w, h] = [CARD * zoom, scene.height * zoom];
    const picture = preview ? pictures.fromUrl(`arrival ${key}`, preview) : null;
    const radius = Math.min(10, 6 * zoom + 2);
    renderer.box(
      x,
      y,
      w,
      h,
      radius,
      picture ? 0xffffff8c : CARD_EMPTY,
      failure ? RED : HAIRLINE,
      failure ? 2 : 1,
      picture,
    );
    if (!failure) {
      const wide = Math.max(24, w - 24);
      renderer.box(x, y + h / 2 - 10, wide, 4, 2, TRACK);
      renderer.box(
        x - wide / 2 + (wide * share) / 2,
        y + h / 2 - 10,
        Math.max(4, wide * share),
        4,
        2,
        accentOf(sight.ui),
      );
    }
    const [lx, ly] = [at.x * zoom, at.y * zoom + h / 2 + 7];
    labels.put(
      `arrival ${key}`,
      failure ? "of-node failed" : "of-node",
      failure || name,
      lx,
      ly,
      Math.max(160, w),
    );
  }
}

export function drawTray(sight: Sight): void {
  const { ui, scene, renderer, camera, jobs, doc, pictures, feel, labels, now, fan } = sight;
  const i = ui.tray ? scene.numberOf(ui.tray) : undefined;
  if (i === undefined || !ui.tray) return;
  const { zoom } = camera;
  const candidates = jobs.tray(ui.tray);
  const coming = jobs.coming(ui.tray);
  const places = slots(candidates.length + coming.length, scene.height);
  const around = trayBox(places);
  if (!around) return;
  const node = { x: scene.xOf(i), y: scene.yOf(i) };
  const open = landing(fan);
  const [cx, cy] = screen(sight, {
    x: node.x + around.x + around.width / 2,
    y: node.y + around.y + around.height / 2,
  });
  renderer.shadow(
    cx,
    cy + 8,
    around.width * zoom,
    around.height * zoom,
    18,
    40,
    faded(0x000000ff, 0.55 * open),
  );
  renderer.box(
    cx,
    cy,
    around.width * zoom,
    around.height * zoom,
    16,
    faded(PANEL, open),
    faded(PANEL_EDGE, open),
    1,
  );
  const drawSlot = (n: number): void => {
    const slot = places[n];
    if (!slot) return;
    // They start on the node and fan out one after the other.
    const own = eased(Math.min(1, Math.max(0, open * 1.6 - (0.6 * n) / places.length)));
    const candidate = doc.candidates.get(candidates[n] ?? "");
    const away = candidate && feel.pulled?.id === candidate.id;
    const at = away && feel.pulled ? feel.pulled.at : { x: node.x + slot.x * own, y: node.y + slot.y * own };
    const [x, y] = screen(sight, at);
    const [w, h] = [slot.width * zoom, slot.height * zoom];
    const radius = Math.min(8, 5 * zoom + 2);
    if (candidate) {
      const hash = doc.renderings.get(candidate.rendering)?.pixels ?? "";
      const picture = hash ? pictures.small(hash) : null;
      const hot = feel.hover?.kind === "candidate" && feel.hover.id === candidate.id;
      const chosen = ui.selection.has(candidate.id) || ui.focus === candidate.id;
      renderer.shadow(x, y + 3, w, h, radius, away ? 22 : 10, SHADE);
      const border = chosen ? accentOf(ui) : hot ? WHITE : HAIRLINE;
      renderer.box(
        x,
        y,
        w,
        h,
        radius,
        faded(picture ? WHITE : CARD_EMPTY, own),
        border,
        chosen || hot ? 2 : 1,
        picture,
      );
      return;
    }
    const job = coming[n - candidates.length];
    const pulse = ui.reducedMotion ? 0.7 : 0.6 + 0.25 * Math.sin(now / 320 + n);
    renderer.box(x, y, w, h, radius, faded(0x2b2e35ff, own * pulse), HAIRLINE, 1);
    const share = job?.share ?? 0;
    const wide = w - 20 * zoom;
    renderer.box(x, y + h / 2 - 8 * zoom, wide, 3, 1.5, TRACK);
    if (share > 0)
      renderer.box(
        x - wide / 2 + (wide * share) / 2,
        y + h / 2 - 8 * zoom,
        wide * share,
        3,
        1.5,
        accentOf(ui),
      );
  };
  // What is being pulled out lies above the others.
  const pulled = feel.pulled ? candidates.indexOf(feel.pulled.id) : -1;
  for (let n = 0; n < places.length; n++) if (n !== pulled) drawSlot(n);
  if (pulled >= 0) drawSlot(pulled);
  if (fan < 1) return;
  const hint =
    zoom * around.width > 420
      ? "click: more like this   ⇧ click: spread   drag out or K: keep   esc: fold"
      : "click: more · drag out: keep";
  const [hx, hy] = [node.x * zoom, (node.y + around.y + around.height) * zoom + 6];
  if (zoom > 0.5) labels.put("tray", "of-tray", hint, hx, hy);
}

/** The thread, the lasso, the style that is carried: what a hand does just now. */
export function drawHands(sight: Sight): void {
  const { feel, renderer, scene, camera, ui, living, pictures, doc } = sight;
  const { zoom } = camera;
  const accent = accentOf(ui);
  if (feel.lasso && feel.lasso.points.length > 1) {
    const points = feel.lasso.points.map((at) => screen(sight, at));
    const [[x0, y0], [x1, y1]] = [points[0] ?? [0, 0], points.at(-1) ?? [0, 0]];
    if (!feel.lasso.free) {
      const [w, h] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
      renderer.box((x0 + x1) / 2, (y0 + y1) / 2, w, h, 3, faded(accent, 0.1), accent, 1);
    } else {
      points.forEach(([x, y], n) => {
        const [px, py] = points[n === 0 ? points.length - 1 : n - 1] ?? [x, y];
        renderer.line(px, py, x, y, 1.5, 1.5, n === 0 ? faded(accent, 0.4) : accent);
      });
    }
  }
  const { like } = feel;
  const thread = threadAtHand(sight);
  const from = thread ? scene.numberOf(thread.source) : undefined;
  if (thread && from !== undefined) {
    const [sx, sy] = [scene.xOf(from), scene.yOf(from)];
    const over = thread.over ? scene.numberOf(thread.over) : undefined;
    const end = over === undefined ? thread.at : { x: scene.xOf(over), y: scene.yOf(over) };
    shape(curve, sx, sy, end.x, end.y, scene.height, ALONE, zoom);
    const to = over === undefined ? 1 : curve.to;
    renderer.curve(curve, curve.from, to, 2, 3, accent, over === undefined ? 7 : 0, (sight.now / 1000) * 26);
    if (over === undefined) {
      const [x, y] = screen(sight, end);
      renderer.box(x, y, 14, 14, 7, faded(accent, 0.3), accent, 2);
    } else if (thread.over && over !== from) {
      const { x: mx, y: my, width: w, height: h } = previewBetween(sight, from, over);
      const moving = living.preview(thread.source, thread.over);
      const period = 2400;
      const t = ui.reducedMotion ? 0.5 : (sight.now % period) / period;
      renderer.shadow(mx, my + 4, w, h, 10, 24, SHADE);
      if (moving) renderer.box(mx, my, w, h, 10, WHITE, accent, 2, moving.at(t));
      else {
        const [a, b] = [doc.nodes.get(thread.source), doc.nodes.get(thread.over)];
        const [pa, pb] = [a ? pictures.small(a.framed) : null, b ? pictures.small(b.framed) : null];
        if (pa && pb) renderer.split(mx, my, w, h, 10, pa, pb);
        renderer.box(mx, my, w, h, 10, pa && pb ? 0 : CARD_EMPTY, accent, 2);
      }
    }
  }
  if (like) {
    const [x, y] = screen(sight, like.at);
    const node = doc.nodes.get(like.id);
    const picture = node ? pictures.small(node.framed) : null;
    const [w, h] = [96, (96 * scene.height) / CARD];
    renderer.shadow(x, y + 4, w, h, 8, 18, SHADE);
    renderer.box(x, y, w, h, 8, picture ? 0xffffffd8 : PANEL, accent, 2, picture);
  }
}

/** Where the morph of a thread that is held over a node plays: CSS pixels of the view, x and y its centre. */
function previewBetween(sight: Sight, from: number, over: number): Box {
  const { scene, camera } = sight;
  const middle = { x: (scene.xOf(from) + scene.xOf(over)) / 2, y: (scene.yOf(from) + scene.yOf(over)) / 2 };
  const [x, y] = screen(sight, middle);
  const width = Math.min(560, Math.max(200, CARD * camera.zoom));
  return { x, y, width, height: (width * scene.height) / CARD };
}

/** The morph that plays at the thread in hand, if one does. */
export function previewsAtHand(sight: Sight): Box[] {
  const thread = threadAtHand(sight);
  const from = thread ? sight.scene.numberOf(thread.source) : undefined;
  const over = thread?.over ? sight.scene.numberOf(thread.over) : undefined;
  return from === undefined || over === undefined || from === over ? [] : [previewBetween(sight, from, over)];
}

/** The thread that a pointer pulls, or the keyboard: that one leads to what has the focus. */
export function threadAtHand({ feel, ui, scene }: Sight): Feel["thread"] {
  if (feel.thread) return feel.thread;
  const { connecting: source, focus } = ui;
  const [from, to] = [source ? scene.numberOf(source) : undefined, focus ? scene.numberOf(focus) : undefined];
  if (!source || from === undefined || to === undefined || from === to) return null;
  return { source, at: { x: scene.xOf(to), y: scene.yOf(to) }, over: focus };
}

const ALONE = { lane: 0, lanes: 1, flip: false };

/** Others' pointers. */
export function labelOthers({ host, labels, camera }: Sight): void {
  for (const { client, name, colour, cursor } of host.presences()) {
    if (!cursor) continue;
    labels.put(
      `pointer ${client}`,
      "of-pointer",
      name,
      cursor.x * camera.zoom,
      cursor.y * camera.zoom,
      0,
      css(colourOf(colour)),
    );
  }
}
