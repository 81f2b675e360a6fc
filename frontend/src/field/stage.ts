/** The elements that the canvas stands on: what is drawn into, the words above it, what is read out, one notice. */

import "./field.css";

export class Stage {
  canvas: HTMLCanvasElement;
  readonly layer: HTMLElement;
  readonly root: HTMLElement;
  readonly #live: HTMLElement;
  readonly #notice: HTMLElement;

  constructor(element: HTMLElement) {
    this.root = element;
    element.classList.add("field");
    element.tabIndex = Math.max(0, element.tabIndex);
    element.setAttribute("role", "application");
    element.setAttribute(
      "aria-label",
      "Canvas: arrow keys walk along edges, Enter opens, question mark lists the keys",
    );
    this.canvas = document.createElement("canvas");
    this.canvas.className = "field-canvas";
    this.canvas.setAttribute("aria-hidden", "true");
    const clip = div("field-clip");
    clip.setAttribute("aria-hidden", "true");
    this.layer = div("field-layer");
    clip.append(this.layer);
    this.#live = div("field-live");
    this.#live.setAttribute("role", "status");
    this.#live.setAttribute("aria-live", "polite");
    this.#notice = div("field-notice");
    this.#notice.hidden = true;
    element.append(this.canvas, clip, this.#live, this.#notice);
  }

  /** A canvas that was asked for one kind of context gives no other: a fresh one in its place. */
  fresh(): HTMLCanvasElement {
    const canvas = this.canvas.cloneNode() as HTMLCanvasElement;
    this.canvas.replaceWith(canvas);
    this.canvas = canvas;
    return canvas;
  }

  /** Reads out what has the focus. */
  say(words: string): void {
    if (this.#live.textContent !== words) this.#live.textContent = words;
  }

  notice(words: string): void {
    this.#notice.textContent = words;
    this.#notice.hidden = false;
    setTimeout(() => {
      this.#notice.hidden = true;
    }, 9000);
  }

  dispose(): void {
    this.root.classList.remove("field");
    this.root.replaceChildren();
  }
}

function div(name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = name;
  return element;
}
