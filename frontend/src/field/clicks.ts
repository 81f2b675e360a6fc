/** Which clicks belong together: two on the same thing are a double click, and all that follow one on a badge are its. */

import type { Point } from "./host";
import type { Under } from "./pointer";

/** How soon a click follows another one, in milliseconds, and how near, in CSS pixels. */
const SOON = 320;
const NEAR = 12;

export class Clicks {
  #last: { at: Point; when: number; key: string } | null = null;

  /**
   * What a click is: the first, the second of two, or one more on a badge.
   *
   * A badge makes way for its tray: the clicks that follow at once were meant for it, not for what lay below.
   *
   * @param when in milliseconds.
   */
  heard(under: Under, at: Point, when: number): "first" | "second" | "one more" {
    const key = under && "id" in under ? `${under.kind} ${under.id}` : "";
    const last = this.#last;
    const soon =
      last !== null && when - last.when < SOON && Math.hypot(last.at.x - at.x, last.at.y - at.y) < NEAR;
    if (soon && under && "id" in under && last.key === `badge ${under.id}`) {
      this.#last = { ...last, when };
      return "one more";
    }
    const second = soon && last.key === key;
    this.#last = second ? null : { at, when, key };
    return second ? "second" : "first";
  }
}
