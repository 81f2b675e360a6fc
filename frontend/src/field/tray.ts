/** Where the candidates of a node lie when its tray is open: an arc of a few, or a neat grid, below the node. */

import type { Box } from "./camera";
import { CARD } from "./curve";

export interface Slot {
  /** Its centre, in canvas units from the node's centre. */
  x: number;
  y: number;
  width: number;
  height: number;
}

const GAP = 14;
const ARC = 5;

/** The places of `count` candidates under a card of a height. */
export function slots(count: number, height: number): Slot[] {
  const columns = count <= ARC ? Math.max(1, count) : count <= 8 ? 4 : count <= 15 ? 5 : 6;
  const width = count <= 8 ? 156 : 132;
  const h = (width * height) / CARD;
  const top = height / 2 + 56 + h / 2;
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, count - row * columns);
    const across = (i % columns) - (inRow - 1) / 2;
    const bow = count <= ARC && count > 2 ? -across * across * 9 + 9 : 0;
    return { x: across * (width + GAP), y: top + bow + row * (h + GAP), width, height: h };
  });
}

/** Height of the line of help below an open tray, with what is around it, in CSS pixels. */
export const HELP = 34;

/** What the tray covers, from the node's centre; its line of help lies below. */
export function trayBox(places: readonly Slot[]): Box | null {
  if (places.length === 0) return null;
  const left = Math.min(...places.map((slot) => slot.x - slot.width / 2)) - 20;
  const top = Math.min(...places.map((slot) => slot.y - slot.height / 2)) - 20;
  const right = Math.max(...places.map((slot) => slot.x + slot.width / 2)) + 20;
  const bottom = Math.max(...places.map((slot) => slot.y + slot.height / 2)) + 20;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
