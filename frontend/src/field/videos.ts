/** A few `<video>` elements for takes that are only video: browsers allow no more than a handful. */

import type { Picture, Renderer } from "./renderer";

const MOST = 6;

/** Half a frame of the fastest film is longer: nearer than this is that frame. */
const NEAR = 0.002;
/** Who has not asked again for so long has gone. */
const GONE_MS = 400;

interface Player {
  element: HTMLVideoElement;
  picture: Picture | null;
  used: number;
  shown: number;
  /** Who wants to see which second, in the order in which they get it: one element shows one frame at a time. */
  turns: Map<unknown, { seconds: number; asked: number }>;
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
    turnTo(player, this, seconds);
    if (!player.picture) player.picture = this.#renderer.large(element);
    else if (player.shown !== element.currentTime && !element.seeking) {
      this.#renderer.refresh(player.picture, element);
      player.shown = element.currentTime;
    }
    return player.picture;
  }

  /** The same for drawing into `canvas`; false if it is another frame than the one that was asked for. */
  into(url: string, seconds: number, canvas: HTMLCanvasElement): boolean {
    const player = this.#player(url);
    if (player.element.readyState < 2) return false;
    const there = turnTo(player, canvas, seconds);
    canvas.getContext("2d")?.drawImage(player.element, 0, 0, canvas.width, canvas.height);
    return there;
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
    const player = { element, picture: null, used: performance.now(), shown: -1, turns: new Map() };
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

/** Whether the element shows that second; if not, it is sought as soon as it is `who`'s turn. */
function turnTo({ element, turns }: Player, who: unknown, seconds: number): boolean {
  const now = performance.now();
  turns.set(who, { seconds, asked: now });
  for (const [one, { asked }] of turns) if (now - asked > GONE_MS) turns.delete(one);
  if (element.seeking) return false;
  const there = Math.abs(element.currentTime - seconds) < NEAR;
  if (there) turns.delete(who);
  const [next] = turns.values();
  if (next && Math.abs(element.currentTime - next.seconds) >= NEAR) element.currentTime = next.seconds;
  return there;
}
