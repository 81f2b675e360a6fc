/** Small pictures of one size in one texture array, each with two halved copies: many boxes, one draw call. */

import type { Morph } from "./morph";
import type { Picture, Size } from "./renderer";

export const LEVELS = 3;
const STEPS = [96, 256, 512];

export class Shelf {
  readonly size: Size;
  texture: WebGLTexture;
  readonly #gl: WebGL2RenderingContext;
  readonly #framebuffer: WebGLFramebuffer;
  readonly #smaller: WebGLFramebuffer;
  #layers = STEPS[0] ?? 96;
  #free: number[];

  constructor(gl: WebGL2RenderingContext, size: Size) {
    this.#gl = gl;
    this.size = size;
    this.texture = this.#make(this.#layers);
    this.#framebuffer = gl.createFramebuffer();
    this.#smaller = gl.createFramebuffer();
    this.#free = Array.from({ length: this.#layers }, (_, i) => this.#layers - 1 - i);
  }

  /** Of a picture of the shelf's size; null where there is no room. */
  put(bitmap: ImageBitmap): Picture | null {
    const layer = this.#take();
    if (layer === null) return null;
    const gl = this.#gl;
    const { width, height } = this.size;
    const [format, type] = [gl.RGBA, gl.UNSIGNED_BYTE];
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.texture);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, 0);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, 0);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, layer, width, height, 1, format, type, bitmap);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, null);
    this.#halve(layer);
    return onShelf(layer);
  }

  /** A moment of a living edge, drawn once and kept. */
  keep(morph: Morph, t: number): Picture | null {
    const layer = this.#take();
    if (layer === null) return null;
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, this.texture, 0, layer);
    morph.draw(t, this.#framebuffer, { x: 0, y: 0, ...this.size });
    this.#halve(layer);
    // `draw` is upright as framebuffers are, from the bottom; pictures here begin at the top.
    return { ...onShelf(layer), v0: 1, v1: 0 };
  }

  free(picture: Picture): void {
    this.#free.push(picture.layer);
  }

  dispose(): void {
    this.#gl.deleteTexture(this.texture);
    this.#gl.deleteFramebuffer(this.#framebuffer);
    this.#gl.deleteFramebuffer(this.#smaller);
  }

  /** Each copy from the one before: the main thread would take milliseconds for it. */
  #halve(layer: number): void {
    const gl = this.#gl;
    gl.disable(gl.SCISSOR_TEST);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#framebuffer);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, this.#smaller);
    for (let level = 1; level < LEVELS; level++) {
      const [from, to] = [this.#levelSize(level - 1), this.#levelSize(level)];
      gl.framebufferTextureLayer(gl.READ_FRAMEBUFFER, gl.COLOR_ATTACHMENT0, this.texture, level - 1, layer);
      gl.framebufferTextureLayer(gl.DRAW_FRAMEBUFFER, gl.COLOR_ATTACHMENT0, this.texture, level, layer);
      const [mask, filter] = [gl.COLOR_BUFFER_BIT, gl.LINEAR];
      gl.blitFramebuffer(0, 0, from.width, from.height, 0, 0, to.width, to.height, mask, filter);
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  #levelSize(level: number): Size {
    const half = (side: number): number => Math.max(1, side >> level);
    return { width: half(this.size.width), height: half(this.size.height) };
  }

  #take(): number | null {
    if (this.#free.length === 0) this.#grow();
    return this.#free.pop() ?? null;
  }

  #grow(): void {
    const more = STEPS.find((step) => step > this.#layers);
    if (!more) return;
    const gl = this.#gl;
    const grown = this.#make(more);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#framebuffer);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, grown);
    for (let layer = 0; layer < this.#layers; layer++) {
      for (let level = 0; level < LEVELS; level++) {
        const { width, height } = this.#levelSize(level);
        gl.framebufferTextureLayer(gl.READ_FRAMEBUFFER, gl.COLOR_ATTACHMENT0, this.texture, level, layer);
        gl.copyTexSubImage3D(gl.TEXTURE_2D_ARRAY, level, 0, 0, layer, 0, 0, width, height);
      }
    }
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, null);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    gl.deleteTexture(this.texture);
    this.texture = grown;
    for (let layer = more - 1; layer >= this.#layers; layer--) this.#free.push(layer);
    this.#layers = more;
  }

  #make(layers: number): WebGLTexture {
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, LEVELS, gl.RGBA8, this.size.width, this.size.height, layers);
    clamp(gl, gl.TEXTURE_2D_ARRAY, gl.LINEAR_MIPMAP_LINEAR);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, null);
    return texture;
  }
}

function onShelf(layer: number): Picture {
  return { kind: "shelf", layer, u0: 0, v0: 0, u1: 1, v1: 1, texture: null, source: null };
}

/** Sets how the bound texture is looked up. */
export function clamp(gl: WebGL2RenderingContext, target: number, minified: number): void {
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, minified);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
}
