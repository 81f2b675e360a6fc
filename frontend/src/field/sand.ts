/** Sand over a living edge, drawn by WebGL2: see `sand.shaders.ts`. */

import type { Field, Grains } from "./fieldfile";
import { LAYERS, type Lattice, lattice } from "./grains";
import { type Gpu, Pass, type Size, type Store, type Target } from "./morph.gpu";
import { SETTLE } from "./morph.shaders";
import * as shaders from "./sand.shaders";

export type SandPasses = ReturnType<typeof sandPasses>;

export function sandPasses(gpu: Gpu) {
  return {
    drift: new Pass(gpu, shaders.DRIFT),
    undo: new Pass(gpu, SETTLE, `LAYERS ${LAYERS}`),
    grains: new Pass(gpu, shaders.GRAINS),
    lay: new Pass(gpu, shaders.LAY),
  };
}

/** What the grains of all moments of one kind and size are drawn in. */
export class Sand {
  /** To be drawn first: the frame without grains. */
  readonly under: Target;
  readonly #gpu: Gpu;
  readonly #lattice: Lattice;
  readonly #drift: Target;
  readonly #undone: Target;
  readonly #grains: Target;

  constructor(gpu: Gpu, store: Store, { columns, rows }: Field, grains: Grains, size: Size) {
    this.#gpu = gpu;
    this.#lattice = lattice(grains, size.width, size.height);
    this.under = store.target(size, "picture");
    this.#drift = store.target({ width: columns, height: rows * LAYERS }, "bits");
    this.#undone = store.target({ width: columns, height: rows * LAYERS }, "bits");
    const { columns: width, rows: high } = this.#lattice;
    this.#grains = store.target({ width, height: high * LAYERS }, "bits");
  }

  /**
   * Draws `under` with the grains of the moment t, of inner time, into `frame`.
   *
   * @param cells  the field: v and τ.
   * @param pictures  both, as this moment has them.
   */
  lay(
    passes: SandPasses,
    { wind, flight, seed }: Grains,
    t: number,
    cells: WebGLTexture,
    pictures: readonly [WebGLTexture, WebGLTexture],
    frame: Target,
  ): void {
    const gpu = this.#gpu;
    const u_seed = [seed & 0xffff, seed >>> 16];
    const [u_cell, u_rows] = [this.#lattice.cell, this.#lattice.rows];
    const [u_first, u_last] = pictures;
    const [[u_drift], [u_undone], [u_grains], [u_frame]] = [
      this.#drift.textures,
      this.#undone.textures,
      this.#grains.textures,
      this.under.textures,
    ];
    if (!u_drift || !u_undone || !u_grains || !u_frame) return; // targets of one texture each have it
    gpu.run(passes.drift, this.#drift, { u_field: cells, u_t: t, u_flight: flight, u_wind: wind, u_seed });
    gpu.run(passes.undo, this.#undone, { u_field: u_drift, u_s: 1 });
    const inputs = { u_field: cells, u_first, u_last, u_drift, u_seed, u_cell, u_rows };
    gpu.run(passes.grains, this.#grains, inputs);
    gpu.run(passes.lay, frame, { u_frame, u_undone, u_grains, u_cell });
  }
}
