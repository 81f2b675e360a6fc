// What moves by itself while nobody does anything: one thread at a time plays, and a ghost shows how to connect.

import type { View } from "../field/host";
import type { Id } from "../model/rows";
import { element } from "./element";
import type { StaticHost } from "./host";

/** Seconds without a hand before it begins, and between two threads. */
const IDLE = 7;
const BETWEEN = 1.1;
/** How long a thread takes to play, in seconds: slower than in a film. */
const LASTS = 4.2;
/** The ghost's round: it reaches the other picture after `REACHED`, and vanishes from `FADES` on. */
const [ROUND, REACHED, FADES] = [4.2, 1.7, 2.5];

export class Invitation {
  readonly #host: StaticHost;
  readonly #view: View;
  readonly #ghost: { from: Id; to: Id };
  readonly #svg = document.getElementById("ghost") as unknown as SVGSVGElement;
  #teaching: boolean;
  #wait = BETWEEN;
  #playing: Id | null = null;
  #next = 0;
  #pressed = false;
  #time = 0;

  constructor(host: StaticHost, view: View, ghost: { from: Id; to: Id }) {
    [this.#host, this.#view, this.#ghost] = [host, view, ghost];
    this.#teaching = !host.ui().reducedMotion;
    const quiet = () => {
      this.#wait = IDLE;
      this.#stop();
    };
    const press = (down: boolean) => () => {
      this.#pressed = down;
      quiet();
    };
    element("field").addEventListener("pointerdown", press(true), { capture: true });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, press(false));
    window.addEventListener("keydown", quiet);
    window.addEventListener("input", quiet, { capture: true });
  }

  /** Plays an edge once, now: it was just made. */
  show(edge: Id): void {
    if (this.#host.ui().reducedMotion) return;
    this.#playing = edge;
    this.#host.set({ playing: { what: "edge", edge, t: 0 } });
  }

  /** Somebody has pulled a thread: nobody has to show it any more. */
  understood(): void {
    this.#teaching = false;
  }

  /** `passed`: seconds since the last frame. */
  step(passed: number): void {
    const { reducedMotion, playing, mode, scrub, connecting } = this.#host.ui();
    this.#haunt(passed);
    if (reducedMotion) return;
    if (this.#playing) {
      const goes = playing?.what === "edge" && playing.edge === this.#playing;
      if (!goes || !this.#host.doc.edges.has(this.#playing)) this.#playing = null;
      else if (playing.t >= 1) this.#stop();
      else this.#host.set({ playing: { ...playing, t: Math.min(1, playing.t + passed / LASTS) } });
      return;
    }
    const busy = this.#pressed || mode === "path" || scrub || connecting || playing;
    this.#wait = busy ? Math.max(this.#wait, BETWEEN) : this.#wait - passed;
    if (this.#wait > 0) return;
    const edges = [...this.#host.doc.edges.values()].filter((edge) => !edge.hidden);
    const edge = edges[this.#next++ % Math.max(1, edges.length)];
    if (edge) this.show(edge.id);
  }

  #stop(): void {
    if (!this.#playing) return;
    const { playing } = this.#host.ui();
    const own = playing?.what === "edge" && playing.edge === this.#playing;
    this.#playing = null;
    this.#wait = Math.max(this.#wait, BETWEEN);
    if (own) this.#host.set({ playing: null });
  }

  /** A dot that pulls a thread from one picture to another, again and again. */
  #haunt(passed: number): void {
    const [from, to] = [this.#view.boxOf(this.#ghost.from), this.#view.boxOf(this.#ghost.to)];
    const shown = this.#teaching && !this.#pressed && this.#wait < IDLE - 1 && from && to;
    this.#svg.toggleAttribute("hidden", !shown || this.#host.ui().mode === "path");
    if (!shown) {
      this.#time = 0;
      return;
    }
    this.#time = (this.#time + passed) % ROUND;
    const share = Math.min(1, this.#time / REACHED);
    const eased = share * share * (3 - 2 * share);
    const [x0, y0] = [from.x + from.width, from.y + from.height / 2];
    const [x1, y1] = [to.x + to.width * 0.3, to.y + to.height * 0.55];
    const [x, y] = [x0 + (x1 - x0) * eased, y0 + (y1 - y0) * eased + Math.sin(Math.PI * eased) * 18];
    const middle = x0 + (x - x0) * 0.5;
    this.#svg
      .querySelector("path")
      ?.setAttribute("d", `M${x0} ${y0}C${middle} ${y0} ${middle} ${y} ${x} ${y}`);
    this.#svg.querySelector("circle")?.setAttribute("transform", `translate(${x} ${y})`);
    const fade = Math.min(1, this.#time / 0.4) * (1 - Math.min(1, Math.max(0, (this.#time - FADES) / 0.6)));
    this.#svg.style.opacity = fade.toFixed(3);
  }
}
