/** Pictures on their way to the renderer: fetched when something wants to be drawn, a few a frame, the oldest let go. */

import type { Media } from "./host";
import type { Picture, Renderer, Size } from "./renderer";

const MOST_LARGE = 18;
const MOST_BITMAPS = 40;
/** How long to leave alone what could not be fetched, in milliseconds. */
const PATIENCE = 4000;

/** Of a texture, in pixels: what every graphics card of use takes. */
const MOST_SIDE = 4096;

const OPTIONS: ImageBitmapOptions = {
  imageOrientation: "none",
  colorSpaceConversion: "none",
  premultiplyAlpha: "none",
};

export async function fetchBitmap(url: string, size?: Size, signal?: AbortSignal): Promise<ImageBitmap> {
  const answer = await fetch(url, signal && { signal });
  if (!answer.ok) throw new Error(`${url} can't be fetched: ${answer.status}`);
  // Resized while it is decoded, off the main thread; resizing a bitmap later would hold it up.
  const to = size && { resizeWidth: size.width, resizeHeight: size.height, resizeQuality: "medium" as const };
  return createImageBitmap(await answer.blob(), { ...OPTIONS, ...to });
}

/** What an address gives may be a file of the user's, of any size. */
async function fetchFitting(url: string, signal: AbortSignal): Promise<ImageBitmap> {
  const whole = await fetchBitmap(url, undefined, signal);
  const scale = MOST_SIDE / Math.max(whole.width, whole.height);
  if (scale >= 1) return whole;
  const [width, height] = [whole.width, whole.height].map((side) => Math.max(1, Math.round(side * scale)));
  return createImageBitmap(whole, { resizeWidth: width ?? 1, resizeHeight: height ?? 1 });
}

/** What to fetch; `side`: 0 for the shelf, −1 for an address instead of a hash. */
interface Wish {
  from: string;
  side: number;
  /** Whether what it shows is still among the rows. */
  isThere: () => boolean;
}

const always = (): boolean => true;

interface Held {
  picture: Picture;
  used: number;
}

interface Arrived {
  key: string;
  small: boolean;
  bitmap: ImageBitmap;
}

/** What the renderer holds, by key; asking for something that is missing fetches it. */
export class Pictures {
  readonly #media: Media;
  readonly #wake: () => void;
  #renderer: Renderer;
  #size: Size = { width: 256, height: 144 };
  readonly #held = new Map<string, Held>();
  /** What this frame asked for and is not there, in the order of asking. */
  readonly #wanted = new Map<string, Wish>();
  readonly #busy = new Map<string, { wish: Wish; stop: AbortController }>();
  readonly #failed = new Map<string, number>();
  #arrived: Arrived[] = [];
  #frame = 0;
  /** Wanted in the last frame, and not fetched for want of time. */
  #left = 0;
  /** Counts what was thrown away with a context or a frame, so that late arrivals are not put on another shelf. */
  #age = 0;
  readonly #bitmaps = new Map<string, Promise<ImageBitmap>>();
  /** Uploads so far. */
  loaded = 0;

  constructor(media: Media, renderer: Renderer, wake: () => void) {
    this.#media = media;
    this.#renderer = renderer;
    this.#wake = wake;
  }

  /** Of pictures on the shelf. */
  get size(): Size {
    return this.#size;
  }

  /** Starts over: another renderer, or another frame of the workspace. */
  reset(renderer: Renderer, size: Size): void {
    this.#renderer = renderer;
    this.#size = size;
    this.#held.clear();
    this.#arrived = [];
    this.#age++;
    renderer.setFrame(size);
  }

  get(key: string): Picture | null {
    const held = this.#held.get(key);
    if (!held) return null;
    held.used = this.#frame;
    return held.picture;
  }

  /** Framed pixels about 256 pixels wide. */
  small(hash: string): Picture | null {
    return this.get(hash) ?? this.#want(hash, { from: hash, side: 0, isThere: always });
  }

  /** Framed pixels up to `side` pixels wide: 512 or 1280. */
  large(hash: string, side: number): Picture | null {
    const key = `${side} ${hash}`;
    return this.get(key) ?? this.#want(key, { from: hash, side, isThere: always });
  }

  /** What lies at an address, as long as it `isThere`: a take can be taken back while its strip is on its way. */
  fromUrl(key: string, url: string, isThere = always): Picture | null {
    return this.get(key) ?? this.#want(key, { from: url, side: -1, isThere });
  }

  /** After rows changed: what is gone is waited for no longer. */
  forget(): void {
    for (const [key, { isThere }] of this.#wanted) if (!isThere()) this.#wanted.delete(key);
    for (const { wish, stop } of this.#busy.values()) if (!wish.isThere()) stop.abort();
  }

  /** Takes in something that was made rather than fetched. */
  keep(key: string, make: () => Picture | null): Picture | null {
    let picture = make();
    for (let i = 0; !picture && i < 4 && this.#evict("shelf"); i++) picture = make();
    if (picture) this.#held.set(key, { picture, used: this.#frame });
    return picture;
  }

  /** The pixels themselves, for a living edge. */
  bitmap(hash: string, side: number): Promise<ImageBitmap> {
    const key = `${side} ${hash}`;
    const known = this.#bitmaps.get(key);
    if (known) return known;
    const made = fetchBitmap(this.#media.pixels(hash, side));
    this.#bitmaps.set(key, made);
    made.catch(() => this.#bitmaps.delete(key));
    for (const [old, bitmap] of this.#bitmaps) {
      if (this.#bitmaps.size <= MOST_BITMAPS) break;
      this.#bitmaps.delete(old);
      void bitmap; // let go, not closed: a morph may be prepared from it just now
    }
    return made;
  }

  /**
   * Ends a frame: uploads for at most `budget` milliseconds, and begins to fetch what was asked for, at most `fetches`
   * at a time. True if more has arrived.
   */
  pump(budget: number, fetches: number): boolean {
    const until = performance.now() + budget;
    let first = true;
    while (this.#arrived.length > 0 && (first || performance.now() < until)) {
      const next = this.#arrived.shift();
      if (next) this.#upload(next);
      first = false;
    }
    this.#left = this.#wanted.size;
    for (const [key, wish] of this.#wanted) {
      if (this.#busy.size >= fetches) break;
      this.#fetch(key, wish);
      this.#left--;
    }
    this.#wanted.clear();
    this.#frame++;
    return this.#arrived.length > 0;
  }

  get waiting(): number {
    return this.#busy.size + this.#arrived.length + this.#wanted.size + this.#left;
  }

  #want(key: string, wish: Wish): null {
    if (this.#busy.has(key) || this.#wanted.has(key)) return null;
    const failed = this.#failed.get(key);
    if (failed === undefined || performance.now() - failed > PATIENCE) this.#wanted.set(key, wish);
    return null;
  }

  async #fetch(key: string, wish: Wish): Promise<void> {
    const age = this.#age;
    const { from, side } = wish;
    const stop = new AbortController();
    this.#busy.set(key, { wish, stop });
    try {
      const url = side < 0 ? from : this.#media.pixels(from, side || 256);
      const bitmap =
        side < 0
          ? await fetchFitting(url, stop.signal)
          : await fetchBitmap(url, side === 0 ? this.#size : undefined, stop.signal);
      this.#failed.delete(key);
      if (age === this.#age) this.#arrived.push({ key, small: side === 0, bitmap });
    } catch {
      // The card keeps its small picture from the atlas; it is tried again while it is in view.
      this.#failed.set(key, performance.now());
      setTimeout(this.#wake, PATIENCE + 50);
    } finally {
      this.#busy.delete(key);
      this.#wake();
    }
  }

  #upload({ key, small, bitmap }: Arrived): void {
    if (this.#held.has(key)) return;
    this.loaded++;
    if (!small) while (this.#count("own") >= MOST_LARGE && this.#evict("own"));
    this.keep(key, () => (small ? this.#renderer.small(bitmap) : this.#renderer.large(bitmap)));
    if (this.#renderer.name === "webgl2") bitmap.close();
  }

  #count(kind: Picture["kind"]): number {
    let count = 0;
    for (const { picture } of this.#held.values()) if (picture.kind === kind) count++;
    return count;
  }

  /** Lets go of the picture that was not drawn for longest; false if all are in use. */
  #evict(kind: Picture["kind"]): boolean {
    let [oldest, least] = ["", this.#frame - 1];
    for (const [key, { picture, used }] of this.#held) {
      if (picture.kind === kind && used < least) [oldest, least] = [key, used];
    }
    const held = this.#held.get(oldest);
    if (!held) return false;
    this.#renderer.free(held.picture);
    this.#held.delete(oldest);
    return true;
  }
}
