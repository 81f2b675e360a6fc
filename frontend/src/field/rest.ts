/** Resting on an edge plays it, moving along it takes over, leaving resets it. */

import type { Id } from "../model/rows";

/** How long a pointer rests on an edge before it plays, in milliseconds. */
export const RESTING = 250;
/** How long a hand that moved along an edge is waited for before it plays on. */
const LETTING_GO = 900;
/** How long a tile takes to grow, in milliseconds. */
export const GROWING = 180;
/** As a share of all: how far it grows at most from one picture to the next, so that it is seen to grow however slow they come. */
export const A_STEP = 0.5;
/** CSS pixels that count as moving. */
const MOVING = 3;

export class Rest {
  edge: Id | null = null;
  t = 0.5;
  playing = false;
  /** 0–1: how far the tile has grown. */
  grown = 0;
  #since = 0;
  #moved = 0;
  #last = 0;
  #at: { x: number; y: number } | null = null;
  #handled = false;
  #told: number | null = null;

  /** The pointer is on an edge, at moment t, or on none. */
  point(edge: Id | null, t: number, screen: { x: number; y: number } | null, now: number): void {
    if (edge !== this.edge) {
      [this.edge, this.playing, this.grown, this.#handled] = [edge, false, 0, false];
      [this.#since, this.#last, this.t, this.#told] = [now, now, 0.5, null];
      this.#at = screen;
      return;
    }
    if (!edge || !screen) return;
    if (this.#at && Math.hypot(screen.x - this.#at.x, screen.y - this.#at.y) < MOVING) return;
    this.#at = screen;
    this.#moved = now;
    if (!this.playing) this.#since = now;
    else {
      this.t = Math.min(1, Math.max(0, t));
      this.#handled = true;
    }
  }

  /** Keys or buttons went to moment t of the edge: there it stays until the pointer moves. */
  follow(t: number): void {
    if (t === this.#told) return; // what it said itself
    [this.t, this.#told] = [t, t];
    [this.playing, this.#handled, this.#moved] = [true, true, Number.POSITIVE_INFINITY];
  }

  /** The moment that is shown, for others. */
  tell(): number {
    this.#told = this.t;
    return this.t;
  }

  /** Moves on; `seconds` is how long the edge lasts. Whether anything changed. */
  step(now: number, seconds: number, still: boolean): boolean {
    if (!this.edge) return false;
    const passed = Math.max(0, now - this.#last);
    this.#last = now;
    if (!this.playing && now - this.#since >= RESTING) {
      this.playing = true;
      this.t = 0;
    }
    if (!this.playing) return true;
    this.grown = still ? 1 : Math.min(1, this.grown + Math.min(A_STEP, passed / GROWING));
    if (this.#handled && now - this.#moved > LETTING_GO && !still) this.#handled = false;
    // With reduced motion nothing plays by itself: the hand moves it.
    if (!this.#handled && !still) this.t = (this.t + passed / 1000 / Math.max(0.2, seconds)) % 1;
    return true;
  }
}
