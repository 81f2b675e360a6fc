/** The tile of the edge that somebody plays grows as one does that is rested on: in one go, and anew for each edge. */

import type { Id } from "../model/rows";
import { A_STEP, GROWING } from "./rest";

export class Growing {
  edge: Id | null = null;
  /** 0–1: how far the tile has grown. */
  grown = 0;
  #last = 0;

  /** Moves on to time `now`; whether it still grows. `atOnce`: where nothing is to move by itself. */
  step(edge: Id | null, now: number, atOnce: boolean): boolean {
    if (edge !== this.edge) [this.edge, this.grown, this.#last] = [edge, 0, now];
    this.grown = atOnce ? 1 : Math.min(1, this.grown + Math.min(A_STEP, (now - this.#last) / GROWING));
    this.#last = now;
    return edge !== null && this.grown < 1;
  }
}
