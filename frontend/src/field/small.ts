/** The small pictures of all nodes: fetched as a few pages, and again when new nodes have none. */

import type { Node } from "../model/rows";
import type { Atlas, Media } from "./host";
import { fetchBitmap } from "./pictures";
import type { Renderer } from "./renderer";

/** How long new nodes are gathered before their pages are asked for, in milliseconds: fifty may come in a row. */
const GATHERING = 400;

export class SmallPictures {
  /** The number of each node's cell, or −1; another array whenever one changed. */
  cells = new Int32Array();
  readonly #media: Media;
  readonly #renderer: () => Renderer;
  readonly #wake: () => void;
  #nodes: readonly Node[] = [];
  #atlas: Atlas | null = null;
  #pages: ImageBitmap[] = [];
  #fetching = false;
  #again = false;
  #stopped = false;

  /** `renderer` is asked each time: a lost context brings another one. */
  constructor(media: Media, renderer: () => Renderer, wake: () => void) {
    this.#media = media;
    this.#renderer = renderer;
    this.#wake = wake;
  }

  /** Looks the nodes up, and asks for a newer atlas if some are not in this one. */
  look(nodes: readonly Node[]): void {
    this.#nodes = nodes;
    this.#lookUp();
    if (this.cells.includes(-1)) void this.#fetch();
  }

  /** Brings what is there to the renderer. */
  bring(): void {
    const renderer = this.#renderer();
    if (this.#atlas && !renderer.lost) renderer.setAtlas(this.#atlas, this.#pages);
  }

  stop(): void {
    this.#stopped = true;
  }

  #lookUp(): void {
    const cells = this.#atlas?.cells ?? {};
    this.cells = Int32Array.from(this.#nodes, (node) => cells[node.framed] ?? -1);
  }

  async #fetch(): Promise<void> {
    if (this.#fetching) {
      this.#again = true;
      return;
    }
    this.#fetching = true;
    this.#again = false;
    try {
      const atlas = await this.#media.atlas();
      const same = atlas.pages.join() === this.#atlas?.pages.join();
      const pages = same ? this.#pages : await Promise.all(atlas.pages.map((url) => fetchBitmap(url)));
      if (this.#stopped) return;
      if (!same) for (const page of this.#pages) page.close();
      this.#atlas = atlas;
      this.#pages = pages;
      this.bring();
      this.#lookUp();
      this.#wake();
    } catch {
      // Without it the near cards have their own pictures; the next new node asks again.
    } finally {
      this.#fetching = false;
    }
    if (this.#again) setTimeout(() => !this.#stopped && this.#fetch(), GATHERING);
  }
}
