// Where the pictures and fields of this page lie: beside it, or in this tab where they were made here.

import type { Atlas, Media } from "../field/host";
import type { Hash } from "../model/rows";

const DATA = new URL("data/", document.baseURI);
/** Copies of the photographs this wide lie ready. */
const SMALL = 256;

export class StaticMedia implements Media {
  /** Pictures that were made here, as object URLs. */
  readonly #made = new Map<Hash, string>();
  #count = 0;

  keep(picture: Blob): Hash {
    const hash = `moment-${++this.#count}`;
    this.#made.set(hash, URL.createObjectURL(picture));
    return hash;
  }

  pixels(hash: Hash, side: number): string {
    const name = side <= SMALL ? `${hash}-small.webp` : `${hash}.webp`;
    return this.#made.get(hash) ?? data(name);
  }

  blob(hash: Hash): string {
    return data(`${hash}.field`);
  }

  strip(): string {
    return "";
  }

  /** None: six pictures have no need of one. */
  async atlas(): Promise<Atlas> {
    return { cell: [32, 18], page: 32, pages: [], cells: {} };
  }
}

export function data(name: string): string {
  return new URL(name, DATA).href;
}
