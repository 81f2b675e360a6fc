// Which part of a picture the frame shows, as src/forkframe/model/frame.py cuts it.

import type { Crop } from "../../model/rows";

export interface Window {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const MOST_ZOOM = 16;

/** In the picture's pixels, inside the picture; for `contain` the whole picture. */
export function windowOf(crop: Crop, [pw, ph]: readonly [number, number], aspect: number): Window {
  if (crop.fit === "contain") return { x: 0, y: 0, width: pw, height: ph };
  const width = Math.min(pw, ph * aspect) / crop.zoom;
  const height = width / aspect;
  return {
    x: clamp(crop.focus[0] * pw - width / 2, 0, pw - width),
    y: clamp(crop.focus[1] * ph - height / 2, 0, ph - height),
    width,
    height,
  };
}

/** The crop with its window moved by pixels of the picture; the focus ends up in the window's middle. */
export function moved(
  crop: Crop,
  size: readonly [number, number],
  aspect: number,
  dx: number,
  dy: number,
): Crop {
  const from = windowOf(crop, size, aspect);
  const focus = (at: number, length: number, whole: number) =>
    clamp(at, length / 2, whole - length / 2) / whole;
  return {
    ...crop,
    focus: [
      focus(from.x + from.width / 2 + dx, from.width, size[0]),
      focus(from.y + from.height / 2 + dy, from.height, size[1]),
    ],
  };
}

export function zoomed(crop: Crop, zoom: number): Crop {
  return { ...crop, zoom: clamp(zoom, 1, MOST_ZOOM) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
