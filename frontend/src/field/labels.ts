/** The words on the canvas: at most about a hundred elements, moved together, written to only where something changed. */

import type { Box, Camera } from "./camera";

const MOST = 110;
/** How far words may reach beyond the view, in CSS pixels. */
const BEYOND = 1000;

interface Label {
  element: HTMLElement;
  text: string;
  kind: string;
  x: number;
  y: number;
  width: number;
  colour: string;
  scale: string;
  seen: number;
}

export class Labels {
  readonly #layer: HTMLElement;
  /** All but others' pointers, which lie above everything. */
  readonly #words = document.createElement("div");
  readonly #labels = new Map<string, Label>();
  readonly #spare: HTMLElement[] = [];
  #frame = 0;
  #count = 0;
  #moved = "";
  #clip = "";

  constructor(layer: HTMLElement) {
    this.#layer = layer;
    layer.append(this.#words);
  }

  begin(camera: Camera): void {
    this.#frame++;
    this.#count = 0;
    const { x, y, zoom, width, height } = camera;
    const moved = `translate(${(width / 2 - x * zoom).toFixed(1)}px, ${(height / 2 - y * zoom).toFixed(1)}px)`;
    if (moved !== this.#moved) this.#layer.style.transform = moved;
    this.#moved = moved;
  }

  get full(): boolean {
    return this.#count >= MOST;
  }

  /** Words of a kind (a class of field.css) at a place: canvas units times the zoom, which panning does not change. */
  put(key: string, kind: string, text: string, x: number, y: number, width = 0, colour = ""): void {
    if (this.full) return;
    this.#count++;
    let label = this.#labels.get(key);
    if (!label) {
      const element = this.#spare.pop() ?? document.createElement("div");
      label = { element, text: "", kind: "", x: Number.NaN, y: 0, width: 0, colour: "", scale: "", seen: 0 };
      element.textContent = "";
      element.removeAttribute("style");
      this.#labels.set(key, label);
      (kind === "of-pointer" ? this.#layer : this.#words).append(element);
    }
    label.seen = this.#frame;
    if (label.kind !== kind) label.element.className = `field-label ${kind}`;
    label.kind = kind;
    if (label.text !== text) label.element.textContent = text;
    label.text = text;
    if (!(Math.abs(label.x - x) < 0.05 && Math.abs(label.y - y) < 0.05 && label.width === width)) {
      const { style } = label.element;
      style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      if (label.width !== width) style.setProperty("--width", width > 0 ? `${Math.round(width)}px` : "");
      label.x = x;
      label.y = y;
      label.width = width;
    }
    if (label.colour !== colour) label.element.style.setProperty("--colour", colour);
    label.colour = colour;
  }

  /** Shows a label that was put larger or smaller, as what it belongs to. */
  scale(key: string, zoom: number): void {
    const label = this.#labels.get(key);
    const scale = zoom.toFixed(3);
    if (!label || label.scale === scale) return;
    label.scale = scale;
    label.element.style.setProperty("--zoom", scale);
  }

  /** Leaves out what lies under boxes that were drawn above everything: CSS pixels of the view, x and y their centres. */
  cover(camera: Camera, boxes: readonly Box[]): void {
    // Of labels, the origin is that of the canvas.
    const [left, top] = [camera.left * camera.zoom, camera.top * camera.zoom];
    const holes = boxes.map(
      ({ x, y, width, height }) =>
        `M${(left + x - width / 2).toFixed(1)} ${(top + y - height / 2).toFixed(1)}h${width.toFixed(1)}v${height.toFixed(1)}h${(-width).toFixed(1)}Z`,
    );
    const [w, h] = [camera.width + 2 * BEYOND, camera.height + 2 * BEYOND];
    const view = `M${(left - BEYOND).toFixed(1)} ${(top - BEYOND).toFixed(1)}h${w}v${h}h${-w}Z`;
    const clip = holes.length > 0 ? `path(evenodd, "${view}${holes.join("")}")` : "";
    if (clip !== this.#clip) this.#words.style.clipPath = clip;
    this.#clip = clip;
  }

  /** Takes away what was not put this time. */
  end(): void {
    for (const [key, label] of this.#labels) {
      if (label.seen === this.#frame) continue;
      label.element.remove();
      this.#labels.delete(key);
      if (this.#spare.length < 40) this.#spare.push(label.element);
    }
  }
}
