/** The words on the canvas: at most about a hundred elements, moved together, written to only where something changed. */

import type { Camera } from "./camera";

const MOST = 110;

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
  readonly #labels = new Map<string, Label>();
  readonly #spare: HTMLElement[] = [];
  #frame = 0;
  #count = 0;
  #moved = "";

  constructor(layer: HTMLElement) {
    this.#layer = layer;
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
      this.#layer.append(element);
    }
    label.seen = this.#frame;
    if (label.kind !== kind) label.element.className = `field-label ${kind}`;
    label.kind = kind;
    if (label.text !== text) label.element.textContent = text;
    label.text = text;
    if (!(Math.abs(label.x - x) < 0.05 && Math.abs(label.y - y) < 0.05 && label.width === width)) {
      const { style } = label.element;
      style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      if (label.width !== width) style.width = width > 0 ? `${Math.round(width)}px` : "";
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
