/** Media made up on the spot: pictures, an atlas and a field, without a server. */

import type { Atlas, Media } from "../field/host";
import type { Hash } from "../model/rows";
import { hashOf } from "./rows";

const PHOTOGRAPHS = import.meta.glob("../../../src/forkframe/demo/photographs/*.jpg", {
  query: "?url",
  import: "default",
  eager: true,
}) as Record<string, string>;
const KINDS = 48;
const CELL: [number, number] = [32, 18];
const PAGE = 2048;

const kindOf = (hash: Hash): number => (Number(hash.slice(1)) * 7919) % KINDS;

/** 48 pictures out of a few photographs: crops in other lights. */
export class FakeMedia implements Media {
  readonly #canvases: HTMLCanvasElement[] = [];
  readonly #urls: string[] = [];
  readonly #nodes: number;
  fieldUrl = "";

  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  async load(): Promise<void> {
    const urls = Object.values(PHOTOGRAPHS);
    const pictures = await Promise.all(
      urls.map(async (url) => createImageBitmap(await (await fetch(url)).blob())),
    );
    for (let kind = 0; kind < KINDS; kind++) {
      const picture = pictures[kind % pictures.length];
      const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
      const context = canvas.getContext("2d");
      if (!context || !picture) continue;
      const turn = Math.floor(kind / pictures.length);
      context.filter = `hue-rotate(${turn * 41}deg) saturate(${1 - turn * 0.05})`;
      const w = picture.width / (1 + (turn % 4) * 0.25);
      const h = Math.min(picture.height, (w * 9) / 16);
      context.drawImage(picture, picture.width - w, (picture.height - h) / 2, w, h, 0, 0, 640, 360);
      this.#canvases.push(canvas);
      const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/webp", 0.8));
      this.#urls.push(blob ? URL.createObjectURL(blob) : "");
    }
    this.fieldUrl = URL.createObjectURL(new Blob([await swirl()]));
  }

  pixels(hash: Hash): string {
    return this.#urls[kindOf(hash)] ?? "";
  }

  blob(): string {
    return this.fieldUrl;
  }

  strip(): string {
    return this.#urls[0] ?? "";
  }

  async atlas(): Promise<Atlas> {
    const [width, height] = CELL;
    const [columns, rows] = [Math.floor(PAGE / width), Math.floor(PAGE / height)];
    const pages: string[] = [];
    const cells: Record<Hash, number> = {};
    for (let first = 0; first < this.#nodes; first += columns * rows) {
      const page = Object.assign(document.createElement("canvas"), { width: PAGE, height: PAGE });
      const context = page.getContext("2d");
      for (let i = first; i < Math.min(this.#nodes, first + columns * rows); i++) {
        cells[hashOf(i)] = i;
        const canvas = this.#canvases[kindOf(hashOf(i))];
        const [x, y] = [((i - first) % columns) * width, Math.floor((i - first) / columns) * height];
        if (canvas) context?.drawImage(canvas, x, y, width, height);
      }
      const blob = await new Promise<Blob | null>((done) => page.toBlob(done, "image/webp"));
      pages.push(blob ? URL.createObjectURL(blob) : "");
    }
    return { cell: CELL, page: PAGE, pages, cells };
  }
}

/** A linear field whose middle turns. */
export async function swirl(): Promise<ArrayBuffer> {
  const [columns, rows] = [24, 14];
  const head = new DataView(new ArrayBuffer(12));
  [..."FKFD"].forEach((letter, i) => {
    head.setUint8(i, letter.charCodeAt(0));
  });
  head.setUint16(4, 1, true);
  head.setUint16(8, rows, true);
  head.setUint16(10, columns, true);
  const steps: number[] = [];
  for (const axis of [0, 1]) {
    for (let i = 0; i < columns * rows; i++) {
      const [x, y] = [((i % columns) + 0.5) / columns - 0.5, (Math.floor(i / columns) + 0.5) / rows - 0.5];
      const pull = Math.exp(-8 * (x * x + y * y)) * 0.5;
      steps.push(Math.round((axis === 0 ? -y : x) * pull * 32768));
    }
  }
  const bytes = new DataView(new ArrayBuffer(2 * steps.length));
  let before = 0;
  steps.forEach((step, i) => {
    bytes.setUint16(2 * i, (step - before) & 0xffff, true);
    before = step;
  });
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Blob([head, await new Response(packed).arrayBuffer()]).arrayBuffer();
}
