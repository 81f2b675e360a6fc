/** Boxes around things, on the canvas and on the screen. */

import type { Id } from "../model/rows";
import type { Box, Camera } from "./camera";
import { CARD } from "./curve";
import type { Sight } from "./feel";
import type { Scene } from "./scene";
import { slots, trayBox } from "./tray";

/** Around the cards of nodes, in canvas units, where they will be when the lens has glided; null around none. */
export function boxAround(scene: Scene, numbers: Iterable<number>): Box | null {
  let [left, top] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [right, bottom] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const i of numbers) {
    const { x, y } = scene.goalOf(i);
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (left > right) return null;
  const [x, y] = [left - CARD / 2, top - scene.height / 2];
  return { x, y, width: right - left + CARD, height: bottom - top + scene.height };
}

/** Of a candidate in the open tray, in canvas units; null of any other. */
export function candidateBox({ scene, jobs, ui }: Pick<Sight, "scene" | "jobs" | "ui">, id: Id): Box | null {
  const node = ui.tray ? scene.numberOf(ui.tray) : undefined;
  const candidates = ui.tray ? jobs.tray(ui.tray) : [];
  const coming = ui.tray ? jobs.coming(ui.tray).length : 0;
  const slot = slots(candidates.length + coming, scene.height)[candidates.indexOf(id)];
  if (node === undefined || !slot) return null;
  const { width, height } = slot;
  return { x: scene.xOf(node) + slot.x - width / 2, y: scene.yOf(node) + slot.y - height / 2, width, height };
}

/** What the open tray covers, in canvas units, but for its line of help; null while none is open. */
export function openTray({ scene, jobs, ui }: Pick<Sight, "scene" | "jobs" | "ui">): Box | null {
  const i = ui.tray ? scene.numberOf(ui.tray) : undefined;
  if (i === undefined || !ui.tray) return null;
  const box = trayBox(slots(jobs.tray(ui.tray).length + jobs.coming(ui.tray).length, scene.height));
  return box && { ...box, x: box.x + scene.xOf(i), y: box.y + scene.yOf(i) };
}

export function union(boxes: readonly (Box | null)[]): Box | null {
  const all = boxes.filter((box) => box !== null);
  if (all.length === 0) return null;
  const left = Math.min(...all.map((box) => box.x));
  const top = Math.min(...all.map((box) => box.y));
  const right = Math.max(...all.map((box) => box.x + box.width));
  const bottom = Math.max(...all.map((box) => box.y + box.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A box of the canvas in CSS pixels of the view; null where it is out of sight. */
export function onScreen(camera: Camera, box: Box | null): Box | null {
  if (!box) return null;
  const { x, y } = camera.toScreen(box);
  const [width, height] = [box.width * camera.zoom, box.height * camera.zoom];
  if (x + width < 0 || y + height < 0 || x > camera.width || y > camera.height) return null;
  return { x, y, width, height };
}
