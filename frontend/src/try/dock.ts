// The path as a film: what was walked as a strip of pictures, and a player that goes from step to step without a gap.

import type { View } from "../field/host";
import { momentAt, pathSeconds, startOf } from "../model/pacing";
import type { Id } from "../model/rows";
import { endsOf, pathStart, without } from "../model/walks";
import { element, place, write } from "./element";
import type { StaticHost } from "./host";

/** How long the film waits for a step that is on its way, in seconds. */
const PATIENCE = 3;
/** How long a moment that stands still is drawn again, four times a second. */
const SHARPENS = 2;

export class Dock {
  readonly #host: StaticHost;
  readonly #view: View;
  readonly #dock = element("dock");
  readonly #film = element<HTMLCanvasElement>("film");
  readonly #seek = element<HTMLInputElement>("seek");
  readonly #spare = document.createElement("canvas");
  /** Edges that can be drawn at once at the film's size. */
  #warm = new Set<Id>();
  #seconds = 0;
  #drawn = "";
  /** Since the moment changed: a sharper picture of it may come for a while. */
  #still = 0;
  #strip = "";
  #waited = 0;

  constructor(host: StaticHost, view: View) {
    [this.#host, this.#view] = [host, view];
    this.#resize();
    this.#film.addEventListener("fullscreenchange", () => this.#resize());
    this.#film.addEventListener("click", () => this.toggle());
    element("large").hidden = !document.fullscreenEnabled;
    element("large").addEventListener("click", () => void this.#film.requestFullscreen());
    element("play").addEventListener("click", () => this.toggle());
    element("loop").addEventListener("click", () => this.loop());
    element("back").addEventListener("click", () => this.back());
    element("leave").addEventListener("click", () => host.walk(false));
    this.#seek.addEventListener("input", () => this.#goTo(this.#seek.valueAsNumber * this.#total, false));
  }

  /** Plays, or pauses; from the start when it is over. */
  toggle(): void {
    const { playing } = this.#host.ui();
    const runs = playing?.what === "path" && playing.running;
    this.#goTo(!runs && this.#seconds >= this.#total - 0.02 ? 0 : this.#seconds, !runs);
    if (!runs) this.#host.told("walked");
  }

  loop(): void {
    const { path, playing } = this.#host.ui();
    if (!path) return;
    const loop = !path.loop;
    this.#host.set({
      path: { ...path, loop },
      playing: playing?.what === "path" ? { ...playing, loop } : playing,
    });
  }

  /** Takes back the last step, or the start. */
  back(): void {
    const { path } = this.#host.ui();
    if (!path) return;
    const shorter = without(this.#host.doc, path, path.steps.length - 1);
    this.#host.set({
      path: path.steps.length > 0 && shorter ? shorter : { ...path, start: null },
      playing: null,
    });
  }

  /** `passed`: seconds since the last frame. */
  step(passed: number): void {
    const { path, playing } = this.#host.ui();
    if (!path || path.steps.length === 0) return;
    this.#still += passed;
    const drawn = this.#draw();
    this.#warmUp();
    if (playing?.what !== "path" || !playing.running) return;
    this.#waited = drawn ? 0 : this.#waited + passed;
    if (!drawn && this.#waited < PATIENCE) return;
    const total = this.#total;
    const seconds = playing.seconds + passed;
    if (seconds < total) this.#host.set({ playing: { ...playing, seconds } });
    else if (playing.loop && total > 0) this.#host.set({ playing: { ...playing, seconds: seconds % total } });
    else this.#host.set({ playing: { ...playing, seconds: total, running: false } });
  }

  show(): void {
    const { path, playing, mode } = this.#host.ui();
    if (this.#dock.hidden !== (mode !== "path")) {
      this.#dock.hidden = mode !== "path";
      [this.#drawn, this.#seconds] = ["", 0];
    }
    if (!path) return;
    if (playing?.what === "path") this.#seconds = playing.seconds;
    const total = this.#total;
    this.#seconds = Math.min(this.#seconds, total);
    const hint = path.start ? "Now the next picture" : "Choose pictures or threads, in the order of the film";
    write(element("film-hint"), path.steps.length > 0 ? "" : hint);
    this.#dock.dataset.empty = String(path.steps.length === 0);
    const running = playing?.what === "path" && playing.running;
    element("play").dataset.running = String(running);
    element("play").setAttribute("aria-label", running ? "Pause" : "Play");
    element("loop").setAttribute("aria-pressed", String(path.loop));
    for (const id of ["play", "loop", "large", "seek"])
      element<HTMLButtonElement>(id).disabled = path.steps.length === 0;
    element<HTMLButtonElement>("back").disabled = path.steps.length === 0 && path.start === null;
    write(element("clock"), `${this.#seconds.toFixed(1)} / ${total.toFixed(1)} s`);
    place(this.#seek, total > 0 ? this.#seconds / total : 0);
    this.#showSteps();
  }

  /** As sharp as it is seen, about. */
  #resize(): void {
    const width = document.fullscreenElement === this.#film ? 1280 : devicePixelRatio > 1 ? 960 : 640;
    for (const canvas of [this.#film, this.#spare])
      Object.assign(canvas, { width, height: (width * 9) / 16 });
    this.#drawn = "";
    this.#warm.clear();
  }

  get #total(): number {
    return pathSeconds(this.#host.doc, this.#host.ui().path?.steps ?? []);
  }

  #goTo(seconds: number, running: boolean): void {
    const { path } = this.#host.ui();
    if (!path || path.steps.length === 0) return;
    const { steps, loop } = path;
    this.#seconds = seconds;
    this.#host.set({ scrub: null, playing: { what: "path", steps, seconds, running, loop } });
  }

  /** The moment that it stands at; false while it can't be drawn yet. */
  #draw(): boolean {
    const { path } = this.#host.ui();
    const moment = path && momentAt(this.#host.doc, path.steps, this.#seconds);
    const edge = moment && path.steps[moment.step]?.edge;
    if (!edge) return false;
    const here = `${edge} ${moment.t}`;
    if (!this.#drawn.startsWith(here)) this.#still = 0;
    const key = `${here} ${Math.floor(Math.min(this.#still, SHARPENS) * 4)}`;
    if (key === this.#drawn) return true;
    const drawn = this.#view.drawEdge(edge, moment.t, this.#film);
    if (drawn) this.#drawn = key;
    return drawn;
  }

  /** Brings the steps near as they are needed: the next one that is not ready yet. */
  #warmUp(): void {
    const { path } = this.#host.ui();
    const next = path?.steps.find(({ edge }) => !this.#warm.has(edge));
    if (next && this.#view.drawEdge(next.edge, 0, this.#spare)) this.#warm.add(next.edge);
  }

  #showSteps(): void {
    const { doc, media } = this.#host;
    const { path } = this.#host.ui();
    if (!path) return;
    const start = pathStart(doc, path);
    const stops = [start, ...path.steps.map((step) => endsOf(doc, step)?.[1] ?? null)];
    const key = stops.join(" ");
    if (key !== this.#strip) {
      this.#strip = key;
      this.#warm = new Set([...this.#warm].filter((edge) => doc.edges.has(edge)));
      const items = stops.flatMap((id, index) => {
        const node = id ? doc.nodes.get(id) : undefined;
        if (!node) return [];
        const item = document.createElement("li");
        const button = document.createElement("button");
        const picture = document.createElement("img");
        button.type = "button";
        button.title = node.label;
        Object.assign(picture, { src: media.pixels(node.framed, 256), alt: node.label, draggable: false });
        button.append(picture);
        button.addEventListener("click", () => this.#goTo(this.#arrival(index), false));
        item.append(button);
        return [item];
      });
      element("steps").replaceChildren(...items);
      items.at(-1)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    const at = momentAt(doc, path.steps, this.#seconds)?.step ?? -1;
    element("steps").childNodes.forEach((item, index) => {
      (item as HTMLElement).classList.toggle("passed", path.steps.length > 0 && index <= at);
    });
  }

  /** The second at which the film arrives at stop `index`. */
  #arrival(index: number): number {
    const steps = this.#host.ui().path?.steps ?? [];
    return index < steps.length ? startOf(this.#host.doc, steps, index) : this.#total;
  }
}
