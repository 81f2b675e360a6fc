// A moment of an edge as a picture that lasts: drawn once at full size, by the code that draws the moving edges.

import { Canvas2DRenderer } from "../field/canvas2d";
import { parseField } from "../field/fieldfile";
import type { Media } from "../field/host";
import type { Footage } from "../field/moment";
import { fetchBitmap } from "../field/pictures";
import type { Renderer, Size } from "../field/renderer";
import { WebGLRenderer } from "../field/webgl";

/** Draws with a context of its own, which lasts: browsers allow only a few. */
export class Stills {
  readonly #media: Media;
  #renderer: Renderer | null = null;

  constructor(media: Media) {
    this.#media = media;
  }

  /** The moment `t` of an edge, 0–1, as a WebP. */
  async draw(shows: Footage, t: number, size: Size): Promise<Blob> {
    const side = Math.max(size.width, size.height);
    const [first, last, field] = await Promise.all([
      fetchBitmap(this.#media.pixels(shows.ends[0], side)),
      fetchBitmap(this.#media.pixels(shows.ends[1], side)),
      this.#field(shows.field ?? ""),
    ]);
    const canvas = Object.assign(document.createElement("canvas"), size);
    const moving = this.#on().moving(first, last, field, size);
    moving.into(canvas, shows.from + t * (shows.to - shows.from));
    moving.dispose();
    first.close();
    last.close();
    return new Promise((done, failed) => {
      const take = (blob: Blob | null) => (blob ? done(blob) : failed(new Error("the frame can't be kept")));
      canvas.toBlob(take, "image/webp", 0.92);
    });
  }

  async #field(name: string) {
    const answer = await fetch(this.#media.blob(name));
    if (!answer.ok) throw new Error(`the field can't be fetched: ${answer.status}`);
    return parseField(await answer.arrayBuffer());
  }

  #on(): Renderer {
    if (this.#renderer && !this.#renderer.lost) return this.#renderer;
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    this.#renderer = WebGLRenderer.on(canvas) ?? new Canvas2DRenderer(document.createElement("canvas"));
    return this.#renderer;
  }
}
