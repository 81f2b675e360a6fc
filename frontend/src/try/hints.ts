// One line that says what to try next; it goes on when that was done.

import { element, write } from "./element";
import type { Deed, StaticHost } from "./host";

const TOUCH = matchMedia("(hover: none)").matches;

/** In the order of the tour: what is said until it was done. */
const TOUR: readonly [Deed, words: string, byTouch: string][] = [
  [
    "connected",
    "Drag this to that: pull the round handle of one picture onto another",
    "Drag this to that: pull the round handle of one picture onto another",
  ],
  [
    "branched",
    "Rest on a thread and move along it. B keeps the moment as a picture",
    "Tap a thread, find a moment, and cut it out with the scissors",
  ],
  [
    "walked",
    "Press P and click pictures one after the other: that is a film",
    "Tap “Walk a path”, then pictures one after the other: that is a film",
  ],
];
const ASIDES: Partial<Record<Deed, string>> = {
  missed: "Let go on another picture: the morph plays while you hold it there",
  lost: "That moment can't be drawn: is the connection still there?",
  brought: "Your own pictures need the studio: make run, in the repository",
};
/** How long an aside is read, in milliseconds. */
const READ = 5000;

export class Hints {
  readonly #host: StaticHost;
  readonly #done = new Set<Deed>();
  #aside = "";
  #timer = 0;

  constructor(host: StaticHost) {
    this.#host = host;
  }

  tell(deed: Deed): void {
    this.#done.add(deed);
    const aside = ASIDES[deed];
    clearTimeout(this.#timer);
    this.#aside = aside ?? "";
    if (aside) {
      this.#timer = window.setTimeout(() => {
        this.#aside = "";
        this.show();
      }, READ);
    }
    this.show();
  }

  show(): void {
    const words = this.#words();
    const hint = element("hint");
    if (words) write(hint, words);
    hint.classList.toggle("gone", !words);
  }

  #words(): string {
    const { mode, connecting, scrub, selection } = this.#host.ui();
    if (this.#aside) return this.#aside;
    if (connecting) return "Walk to another picture with the arrow keys; Enter connects";
    const [only] = selection;
    if (mode === "path" || (only && this.#host.doc.edges.has(only))) return "";
    if (scrub && !TOUCH) return "B, or a click and the scissors: this moment becomes a picture";
    const next = TOUR.find(([deed]) => !this.#done.has(deed));
    return next ? next[TOUCH ? 2 : 1] : "";
  }
}
