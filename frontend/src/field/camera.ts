/** Where the eye is: maps canvas units to CSS pixels of the view and back, and glides. */

import type { Insets, Point } from "./host";

export const NEAREST = 8;
export const FARTHEST = 0.01;
const GLIDE = 320;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** x, y and zoom of a camera. */
export type Pose = readonly [number, number, number];

const NOTHING: Insets = { top: 0, right: 0, bottom: 0, left: 0 };

/** (x, y) is the canvas point in the middle of the view, `zoom` CSS pixels per canvas unit. */
export class Camera {
  x = 0;
  y = 0;
  zoom = 1;
  /** Of the view, in CSS pixels. */
  width = 1;
  height = 1;
  #glide: { from: Pose; to: Pose; since: number } | null = null;

  toScreen(at: Point): Point {
    return {
      x: (at.x - this.x) * this.zoom + this.width / 2,
      y: (at.y - this.y) * this.zoom + this.height / 2,
    };
  }

  toCanvas(screen: Point): Point {
    return {
      x: (screen.x - this.width / 2) / this.zoom + this.x,
      y: (screen.y - this.height / 2) / this.zoom + this.y,
    };
  }

  /** What is in view, in canvas units. */
  get left(): number {
    return this.x - this.width / 2 / this.zoom;
  }
  get top(): number {
    return this.y - this.height / 2 / this.zoom;
  }
  get right(): number {
    return this.x + this.width / 2 / this.zoom;
  }
  get bottom(): number {
    return this.y + this.height / 2 / this.zoom;
  }

  /** By CSS pixels: positive shows what lies to the right and below. */
  pan(dx: number, dy: number): void {
    this.#glide = null;
    this.x += dx / this.zoom;
    this.y += dy / this.zoom;
  }

  /** By a factor; the canvas point under `screen` stays where it is. */
  zoomAt(factor: number, screen: Point): void {
    this.#glide = null;
    const held = this.toCanvas(screen);
    this.zoom = Math.min(NEAREST, Math.max(FARTHEST, this.zoom * factor));
    this.x = held.x - (screen.x - this.width / 2) / this.zoom;
    this.y = held.y - (screen.y - this.height / 2) / this.zoom;
  }

  /** Goes where `box` fills what is `clear` of panels but for a margin, never nearer than `nearest`; glides there from time `now`. */
  fit(box: Box, nearest: number, now: number | null, clear: Insets = NOTHING): void {
    const margin = Math.min(40, this.width / 16, this.height / 16);
    const free = {
      width: Math.max(80, this.width - clear.left - clear.right - 2 * margin),
      height: Math.max(80, this.height - clear.top - clear.bottom - 2 * margin),
    };
    const zoom = Math.min(
      nearest,
      Math.max(
        FARTHEST,
        Math.min(free.width / Math.max(1, box.width), free.height / Math.max(1, box.height)),
      ),
    );
    const to: Pose = [
      box.x + box.width / 2 + (clear.right - clear.left) / 2 / zoom,
      box.y + box.height / 2 + (clear.bottom - clear.top) / 2 / zoom,
      zoom,
    ];
    this.go(to, now);
  }

  /** Goes as little as it must for all of `box` to be clear of panels, and farther away only where it is too large. */
  reveal(box: Box, now: number | null, clear: Insets = NOTHING): void {
    const [x, y, before] = this.pose;
    const free = {
      width: Math.max(80, this.width - clear.left - clear.right),
      height: Math.max(80, this.height - clear.top - clear.bottom),
    };
    const zoom = Math.max(FARTHEST, Math.min(before, free.width / box.width, free.height / box.height));
    // Where the middle of the view may be for the box to lie between the panels.
    const [right, left] = [this.width / 2 - clear.right, this.width / 2 - clear.left];
    const [bottom, top] = [this.height / 2 - clear.bottom, this.height / 2 - clear.top];
    const to: Pose = [
      clamped(x, box.x + box.width - right / zoom, box.x + left / zoom),
      clamped(y, box.y + box.height - bottom / zoom, box.y + top / zoom),
      zoom,
    ];
    if (to[0] !== x || to[1] !== y || zoom !== before) this.go(to, now);
  }

  /** Where it is, or is going. */
  get pose(): Pose {
    return this.#glide?.to ?? [this.x, this.y, this.zoom];
  }

  /** Glides there from time `now`, or is there at once. */
  go(to: Pose, now: number | null): void {
    this.#glide = now === null ? null : { from: [this.x, this.y, this.zoom], to, since: now };
    if (now === null) [this.x, this.y, this.zoom] = to;
  }

  /** Moves on; whether it is still on its way. */
  step(now: number): boolean {
    if (!this.#glide) return false;
    const { from, to, since } = this.#glide;
    const share = eased(Math.min(1, (now - since) / GLIDE));
    // Zoom changes by equal factors in equal times; the middle keeps up with it, so nothing seems to swing by.
    this.zoom = from[2] * (to[2] / from[2]) ** share;
    const ratio = to[2] / from[2];
    const along = Math.abs(ratio - 1) < 1e-3 ? share : (1 - from[2] / this.zoom) / (1 - 1 / ratio);
    this.x = from[0] + (to[0] - from[0]) * along;
    this.y = from[1] + (to[1] - from[1]) * along;
    if (share >= 1) [this.x, this.y, this.zoom] = to;
    if (share >= 1) this.#glide = null;
    return this.#glide !== null;
  }
}

function clamped(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/** Slow at both ends, 0–1 → 0–1. */
export function eased(share: number): number {
  return share * share * (3 - 2 * share);
}

/** Fast at the start, so that a hand sees at once that it did something, and slow at the end, 0–1 → 0–1. */
export function landing(share: number): number {
  return 1 - (1 - share) ** 3;
}
