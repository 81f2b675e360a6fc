/**
 * Living edges: any moment of a transition, drawn by WebGL2 from two pictures and a field.
 *
 * What is drawn is what `forkframe/engines/builtin/drawing.py` draws (a test compares them), in a context that others
 * draw in too. Textures have the top of the picture in row 0, as an uploaded image has.
 *
 * **State.** No call relies on any state of the context. `prepare`, `render` and `draw` leave behind: blending,
 * culling, dithering, rasteriser discard and the depth, stencil and scissor tests off; the colour mask fully on; no
 * program and no vertex array; on texture units 0–4 no sampler and no 2D or 3D texture, unit 0 active; another
 * viewport. `render` and `prepare` leave no framebuffer bound, `draw` leaves its target. `prepare` leaves no unpack
 * buffer and pixel storage as WebGL begins with, but UNPACK_COLORSPACE_CONVERSION_WEBGL at NONE.
 *
 * **A lost context.** Calls do nothing then. When it is restored, make another renderer and prepare again.
 */

import { type Field, innerTime, TABLE_SIDE } from "./fieldfile";
import { Gpu, Pass, type Size, Store, type Target, type Viewport } from "./morph.gpu";
import * as shaders from "./morph.shaders";
import { Sand, type SandPasses, sandPasses } from "./sand";

export type { Size, Viewport } from "./morph.gpu";

// Of drawing.py.
const COARSEST_SIDE = 16;
const SHARPEST_WIDTH = 0.06;
const WIDEST_WIDTH = 0.6;

type Pair = readonly [WebGLTexture, WebGLTexture];

/** Draws living edges in an existing WebGL2 context. One per context is enough. */
export class MorphRenderer {
  readonly #gpu: Gpu;
  readonly #passes: Passes;
  /** Made when sand is first drawn. */
  #sand: SandPasses | null = null;
  /** By kind and by the sizes of frames and grid. */
  readonly #scratches = new Map<string, { scratch: Scratch; users: number }>();
  readonly #morphs = new Set<Morph>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gpu = new Gpu(gl);
    this.#passes = passes(this.#gpu);
  }

  /** So far. */
  get drawCalls(): number {
    return this.#gpu.drawCalls;
  }

  /**
   * A transition, ready to be drawn. The sources are not needed afterwards.
   *
   * @param first  sRGB, opaque; stretched to `size` if it is of another. An ImageBitmap is drawn exactly if it was made
   *   with `{ colorSpaceConversion: "none", premultiplyAlpha: "none" }`.
   * @param last  likewise.
   * @param size  of the frames, in pixels: drawing costs time and memory in proportion to it, wherever it goes. Best
   *   about the size at which they are seen.
   */
  prepare(first: TexImageSource, last: TexImageSource, field: Field, size: Size): Morph {
    const kind = field.grains ? `sand ${field.grains.size}` : field.timing ? "timed" : "linear";
    const key = `${kind} ${size.width}×${size.height} ${field.columns}×${field.rows}`;
    return this.#gpu.within(() => {
      const shared = this.#scratches.get(key) ?? { scratch: new Scratch(this.#gpu, field, size), users: 0 };
      this.#scratches.set(key, shared);
      shared.users++;
      const ends = [first, last] as const;
      if (field.grains) this.#sand ??= sandPasses(this.#gpu);
      const passes = { ...this.#passes, sand: this.#sand };
      const morph = new Morph(this.#gpu, passes, shared.scratch, ends, field, size, () => {
        this.#morphs.delete(morph);
        if (--shared.users > 0) return;
        shared.scratch.store.dispose();
        this.#scratches.delete(key);
      });
      this.#morphs.add(morph);
      this.#gpu.gl.bindFramebuffer(this.#gpu.gl.FRAMEBUFFER, null);
      return morph;
    });
  }

  /** Frees everything, all morphs too. */
  dispose(): void {
    for (const morph of [...this.#morphs]) morph.dispose();
    for (const pass of Object.values({ ...this.#passes, ...this.#sand })) pass.dispose();
    this.#gpu.dispose();
  }
}

/** One transition; made by `MorphRenderer.prepare`. */
export class Morph {
  readonly size: Size;
  readonly #gpu: Gpu;
  readonly #passes: Passes & { readonly sand: SandPasses | null };
  readonly #scratch: Scratch;
  readonly #field: Field;
  readonly #cells: WebGLTexture;
  readonly #pictures: Pair;
  readonly #recoloured: Pair | null;
  readonly #frame: Target;
  readonly #store: Store;
  readonly #onDispose: () => void;
  /** The moment in `#frame`. */
  #drawn: number | null = null;
  #disposed = false;

  /** @internal Within `gpu.within`. */
  constructor(
    gpu: Gpu,
    passes: Passes & { readonly sand: SandPasses | null },
    scratch: Scratch,
    ends: readonly [TexImageSource, TexImageSource],
    field: Field,
    size: Size,
    onDispose: () => void,
  ) {
    this.#store = new Store(gpu);
    const upload = new Upload(gpu, passes, this.#store);
    [this.size, this.#gpu, this.#passes, this.#scratch] = [size, gpu, passes, scratch];
    [this.#field, this.#onDispose] = [field, onDispose];
    this.#pictures = [upload.picture(ends[0], size), upload.picture(ends[1], size)];
    this.#recoloured = field.palettes && [
      upload.recoloured(this.#pictures[0], field.palettes[0], size),
      upload.recoloured(this.#pictures[1], field.palettes[1], size),
    ];
    this.#cells = upload.field(field);
    this.#frame = this.#store.target(size, "picture");
  }

  /**
   * The moment t as a texture of `size`, RGBA8 sRGB, opaque, filtered linearly, row 0 being the top.
   *
   * It is the morph's own: read it before the next moment is drawn. At t ≤ 0 and t ≥ 1 it is the picture itself.
   */
  render(t: number): WebGLTexture {
    if (t <= 0 || t >= 1) return this.#pictures[t <= 0 ? 0 : 1];
    if (t !== this.#drawn && !this.#disposed) {
      this.#gpu.within(() => this.#draw(innerTime(this.#field, t)));
      this.#gpu.gl.bindFramebuffer(this.#gpu.gl.FRAMEBUFFER, null);
      this.#drawn = t;
    }
    return texture(this.#frame);
  }

  /** Covers the viewport of a framebuffer (null: the canvas) with the moment t, upright; nothing is blended. */
  draw(t: number, target: WebGLFramebuffer | null, viewport: Viewport): void {
    if (this.#disposed) return;
    const frame = this.render(t);
    const { x, y, width, height } = viewport;
    this.#gpu.within(() =>
      this.#gpu.cover(this.#passes.present, target, viewport, {
        u_frame: frame,
        u_viewport: [x, y, width, height],
      }),
    );
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#store.dispose();
    this.#onDispose();
  }

  /** The moment t of inner time. */
  #draw(t: number): void {
    const [gpu, passes, { here, warped, coarser, sand }] = [this.#gpu, this.#passes, this.#scratch];
    const s = 2 * t - 1;
    gpu.run(passes.settle, here, { u_field: this.#cells, u_s: s });
    const [u_first, u_last] = this.#recoloured ? this.#tinted(t, this.#recoloured) : this.#pictures;
    const moment = { u_here: texture(here), u_t: t, u_s: s, u_duration: SHARPEST_WIDTH };
    if (!warped) {
      gpu.run(passes.mix, this.#frame, { ...moment, u_first, u_last });
      return;
    }
    gpu.run(passes.warp, warped, { ...moment, u_first, u_last });
    let u_fine = texture(warped);
    for (const { band } of coarser) {
      gpu.run(passes.shrink, band, { u_fine });
      u_fine = texture(band);
    }
    let from = {}; // what the next finer level builds on
    coarser.toReversed().forEach(({ band, sum, duration: u_duration }, i) => {
      const level = { u_fine: texture(band), u_duration };
      gpu.run(i === 0 ? passes.coarsest : passes.blend, sum, { ...moment, ...from, ...level });
      from = { u_coarse: texture(band), u_sum: texture(sum) };
    });
    const finest = { u_fine: texture(warped), u_last: texture(warped, 1) };
    gpu.run(passes.finest, sand?.under ?? this.#frame, { ...moment, ...from, ...finest });
    const { grains } = this.#field;
    if (sand && grains && passes.sand) {
      sand.lay(passes.sand, grains, t, this.#cells, [u_first, u_last], this.#frame);
    }
  }

  /** Both pictures, each as far on its way to the other's palette as t says. */
  #tinted(t: number, [first, last]: Pair): Pair {
    const [u_first, u_last] = this.#pictures;
    const inputs = { u_first, u_last, u_first_recoloured: first, u_last_recoloured: last, u_t: t };
    this.#gpu.run(this.#passes.tint, this.#scratch.tinted(), inputs);
    return [texture(this.#scratch.tinted()), texture(this.#scratch.tinted(), 1)];
  }
}

/** What all moments of all morphs of one kind and size are drawn in, one after the other. */
class Scratch {
  readonly store: Store;
  /** What each cell of the grid sees. */
  readonly here: Target;
  /** The first picture less the second, and the second, as a moment sees them. Null in a linear field. */
  readonly warped: Target | null;
  /** The coarser levels of the pyramid: a band, and the blend of it with all coarser ones. */
  readonly coarser: readonly { band: Target; sum: Target; duration: number }[];
  /** Null where nothing is drawn in sand. */
  readonly sand: Sand | null;
  readonly #size: Size;
  #tinted: Target | null = null;

  constructor(gpu: Gpu, field: Field, size: Size) {
    const store = new Store(gpu);
    const { width, height } = size;
    this.store = store;
    this.#size = size;
    this.here = store.target({ width: field.columns, height: field.rows }, "bits");
    this.sand = field.grains && new Sand(gpu, store, field, field.grains, size);
    this.warped = field.timing && store.target(size, "band", "band");
    const levels = Math.max(2, Math.round(Math.log2(Math.sqrt(width * height) / COARSEST_SIDE)) + 1);
    this.coarser = Array.from({ length: field.timing ? levels - 1 : 0 }, (_, i) => {
      const level = i + 1;
      const halved = { width: Math.ceil(width / 2 ** level), height: Math.ceil(height / 2 ** level) };
      const duration = SHARPEST_WIDTH * (WIDEST_WIDTH / SHARPEST_WIDTH) ** (level / (levels - 1));
      return { band: store.target(halved, "band"), sum: store.target(halved, "band"), duration };
    });
  }

  /** Both pictures; made when a palette first needs them. */
  tinted(): Target {
    this.#tinted ??= this.store.target(this.#size, "fine picture", "fine picture");
    return this.#tinted;
  }
}

/** Brings what a morph is made of to the graphics card. */
class Upload {
  readonly #gpu: Gpu;
  readonly #passes: Passes;
  readonly #store: Store;

  constructor(gpu: Gpu, passes: Passes, store: Store) {
    [this.#gpu, this.#passes, this.#store] = [gpu, passes, store];
    gpu.readyUploads();
  }

  picture(source: TexImageSource, size: Size): WebGLTexture {
    const natural = naturalSize(source);
    const fits = natural.width === size.width && natural.height === size.height;
    if (fits) return this.#source(source, this.#store);
    const passing = new Store(this.#gpu);
    const resized = this.#store.target(size, "picture");
    const inputs = { u_picture: this.#source(source, passing), u_size: [size.width, size.height] };
    this.#gpu.run(this.#passes.resize, resized, inputs);
    passing.dispose();
    return texture(resized);
  }

  /** A picture with a palette's colours. */
  recoloured(picture: WebGLTexture, palette: Float32Array, size: Size): WebGLTexture {
    const gl = this.#gpu.gl;
    const passing = new Store(this.#gpu);
    const table = passing.texture(gl.TEXTURE_3D, gl.NEAREST);
    const [side, depth] = [TABLE_SIDE, TABLE_SIDE];
    gl.texImage3D(gl.TEXTURE_3D, 0, gl.RGB32F, side, side, depth, 0, gl.RGB, gl.FLOAT, palette);
    const recoloured = this.#store.target(size, "picture");
    this.#gpu.run(this.#passes.recolour, recoloured, { u_picture: picture, u_palette: table });
    passing.dispose();
    return texture(recoloured);
  }

  field({ v, timing, columns, rows }: Field): WebGLTexture {
    const gl = this.#gpu.gl;
    const cells = new Float32Array(4 * columns * rows);
    for (let i = 0; i < columns * rows; i++) {
      cells.set([v[2 * i] ?? 0, v[2 * i + 1] ?? 0, timing?.tau[i] ?? 0], 4 * i);
    }
    const texture = this.#store.texture(gl.TEXTURE_2D, gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, columns, rows, 0, gl.RGBA, gl.FLOAT, cells);
    return texture;
  }

  #source(source: TexImageSource, store: Store): WebGLTexture {
    const gl = this.#gpu.gl;
    const texture = store.texture(gl.TEXTURE_2D, gl.LINEAR);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, source);
    return texture;
  }
}

type Passes = ReturnType<typeof passes>;

function passes(gpu: Gpu) {
  return {
    settle: new Pass(gpu, shaders.SETTLE),
    tint: new Pass(gpu, shaders.TINT),
    mix: new Pass(gpu, shaders.WARP, "LINEAR"),
    warp: new Pass(gpu, shaders.WARP),
    shrink: new Pass(gpu, shaders.SHRINK),
    coarsest: new Pass(gpu, shaders.BLEND, "COARSEST"),
    blend: new Pass(gpu, shaders.BLEND),
    finest: new Pass(gpu, shaders.BLEND, "FINEST"),
    resize: new Pass(gpu, shaders.RESIZE),
    recolour: new Pass(gpu, shaders.RECOLOUR),
    present: new Pass(gpu, shaders.PRESENT),
  };
}

function texture(of: Target, output = 0): WebGLTexture {
  const found = of.textures[output];
  if (!found) throw new Error(`a target of ${of.textures.length} textures has no number ${output}`);
  return found;
}

function naturalSize(source: TexImageSource): Size {
  if (source instanceof HTMLImageElement) return { width: source.naturalWidth, height: source.naturalHeight };
  if (source instanceof HTMLVideoElement) return { width: source.videoWidth, height: source.videoHeight };
  if ("displayWidth" in source) return { width: source.displayWidth, height: source.displayHeight };
  return { width: source.width, height: source.height };
}
