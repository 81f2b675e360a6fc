/** A few `<video>` elements for takes that are only video: browsers allow no more than a handful. */

import type { Picture, Renderer } from "./renderer";

const MOST = 6;

interface Player {
  element: HTMLVideoElement;
  picture: Picture | null;
  used: number;
  shown: number;
}

export class Videos {
  readonly #players = new Map<string, Player>();
  readonly #wake: () => void;
  #renderer: Renderer;

  constructor(renderer: Renderer, wake: () => void) {
    this.#renderer = renderer;
    this.#wake = wake;
  }

  reset(renderer: Renderer): void {
    this.#renderer = renderer;
    for (const player of this.#players.values()) player.picture = null;
  }

  /** The frame nearest to `seconds` that is there already; null until the first one is. */
  at(url: string, seconds: number): Picture | null {
    const player = this.#player(url);
    const { element } = player;
    if (element.readyState < 2) return null;
    if (Math.abs(element.currentTime - seconds) > 0.015 && !element.seeking) element.currentTime = seconds;
    if (!player.picture) player.picture = this.#renderer.large(element);
    else if (player.shown !== element.currentTime && !element.seeking) {
      this.#renderer.refresh(player.picture, element);
      player.shown = element.currentTime;
    }
    return player.picture;
  }

  /** The same as an element, for drawing into other canvases. */
  element(url: string, seconds: number): HTMLVideoElement | null {
    return this.at(url, seconds) ? this.#player(url).element : null;
  }

  dispose(): void {
    for (const { element } of this.#players.values()) element.src = "";
    this.#players.clear();
  }

  #player(url: string): Player {
    const known = this.#players.get(url);
    if (known) {
      known.used = performance.now();
      return known;
    }
    if (this.#players.size >= MOST) {
      const [oldest] = [...this.#players].sort(([, a], [, b]) => a.used - b.used);
      if (oldest) this.#release(oldest[0], oldest[1]);
    }
    const element = document.createElement("video");
    Object.assign(element, { muted: true, playsInline: true, preload: "auto", src: url });
    element.addEventListener("loadeddata", this.#wake);
    element.addEventListener("seeked", this.#wake);
    const player = { element, picture: null, used: performance.now(), shown: -1 };
    this.#players.set(url, player);
    return player;
  }

  #release(url: string, { element, picture }: Player): void {
    element.removeAttribute("src");
    element.load();
    if (picture) this.#renderer.free(picture);
    this.#players.delete(url);
  }
}
