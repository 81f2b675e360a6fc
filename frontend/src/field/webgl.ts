/** The canvas drawn by WebGL2: one context for nodes, edges, the lens and living edges. */

import type { Camera } from "./camera";
import type { Curve } from "./curve";
import type { Field } from "./fieldfile";
import { ATLAS_UNIT, Batch, SHELF_UNIT } from "./gl.batch";
import { cellOf, Mass } from "./gl.mass";
import { clamp, Shelf } from "./gl.shelf";
import type { Atlas } from "./host";
import { type Morph, MorphRenderer } from "./morph";
import type { Colour, Moving, Picture, Renderer, Size } from "./renderer";
import type { Scene } from "./scene";

export const BACKGROUND = [0x10 / 255, 0x11 / 255, 0x14 / 255] as const;

export class WebGLRenderer implements Renderer {
  readonly name = "webgl2";
  readonly gl: WebGL2RenderingContext;
  readonly #batch: Batch;
  readonly #mass: Mass;
  readonly #morphs: MorphRenderer;
  #shelf: Shelf;
  #atlas: Atlas | null = null;
  #atlasTexture: WebGLTexture;
  #atlasCells: Picture[] = [];
  #camera: Camera | null = null;
  #scene: Scene | null = null;
  #ratio = 1;
  readonly #scratch = document.createElement("canvas");
  #pixels = new Uint8ClampedArray(0);
  readonly #framebuffer: WebGLFramebuffer;

  private constructor(gl: WebGL2RenderingContext) {
    this.gl = gl;
    this.#batch = new Batch(gl, () => this.#bind());
    this.#mass = new Mass(gl);
    this.#morphs = new MorphRenderer(gl);
    this.#shelf = new Shelf(gl, { width: 256, height: 144 });
    this.#atlasTexture = this.#emptyAtlas();
    this.#framebuffer = gl.createFramebuffer();
  }

  /** Null where there is no WebGL2. */
  static on(canvas: HTMLCanvasElement): WebGLRenderer | null {
    const gl = canvas.getContext("webgl2", {
      alpha: false,
      antialias: false,
      depth: false,
      stencil: false,
      powerPreference: "high-performance",
    });
    return gl ? new WebGLRenderer(gl) : null;
  }

  get lost(): boolean {
    return this.gl.isContextLost();
  }

  resize(width: number, height: number, ratio: number): void {
    const canvas = this.gl.canvas as HTMLCanvasElement;
    const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    this.#ratio = ratio;
    if (canvas.width !== w) canvas.width = w;
    if (canvas.height !== h) canvas.height = h;
  }

  setFrame(small: Size): void {
    this.#shelf.dispose();
    this.#shelf = new Shelf(this.gl, small);
  }

  setAtlas(atlas: Atlas, pages: readonly ImageBitmap[]): void {
    const gl = this.gl;
    gl.deleteTexture(this.#atlasTexture);
    this.#atlas = atlas;
    this.#atlasCells = [];
    this.#atlasTexture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.#atlasTexture);
    const side = atlas.page;
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA8, side, side, Math.max(1, pages.length));
    clamp(gl, gl.TEXTURE_2D_ARRAY, gl.LINEAR);
    const [target, format, type] = [gl.TEXTURE_2D_ARRAY, gl.RGBA, gl.UNSIGNED_BYTE];
    pages.forEach((page, layer) => {
      const [width, height] = [Math.min(side, page.width), Math.min(side, page.height)];
      gl.texSubImage3D(target, 0, 0, 0, layer, width, height, 1, format, type, page);
    });
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, null);
  }

  cell(number: number): Picture {
    const known = this.#atlasCells[number];
    if (known) return known;
    const uv = { layer: 255, u0: 0, v0: 0, u1: 0, v1: 0 };
    cellOf(this.#atlas, number, uv);
    const cell: Picture = { kind: "atlas", ...uv, texture: null, source: null };
    this.#atlasCells[number] = cell;
    return cell;
  }

  begin(camera: Camera, scene: Scene, cells: Int32Array): void {
    const gl = this.gl;
    this.#mass.update(scene, cells, this.#atlas);
    [this.#camera, this.#scene] = [camera, scene];
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(BACKGROUND[0], BACKGROUND[1], BACKGROUND[2], 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.#batch.begin(camera.width, camera.height, this.#ratio);
  }

  lines(colour: Colour): void {
    if (!this.#camera || !this.#scene) return;
    this.#flush();
    this.#mass.drawLines(this.#camera, this.#scene, colour);
  }

  cards(): void {
    if (!this.#camera || !this.#scene) return;
    this.#flush();
    this.#mass.drawCards(this.#camera, this.#scene);
  }

  box(
    x: number,
    y: number,
    width: number,
    height: number,
    radius: number,
    fill: Colour,
    stroke: Colour = 0,
    strokeWidth = 0,
    picture: Picture | null = null,
  ): void {
    const round = Math.min(radius, width / 2, height / 2);
    this.#batch.box(x, y, width, height, round, fill, stroke, strokeWidth, picture, null, false);
  }

  split(x: number, y: number, w: number, h: number, radius: number, a: Picture, b: Picture): void {
    this.#batch.box(x, y, w, h, radius, 0xffffffff, 0, 0, a, b, false);
  }

  shadow(x: number, y: number, w: number, h: number, radius: number, blur: number, colour: Colour): void {
    this.#batch.box(x, y, w, h, radius, colour, 0, blur, null, null, true);
  }

  curve(
    c: Curve,
    from: number,
    to: number,
    w0: number,
    w1: number,
    colour: Colour,
    dash: number,
    phase: number,
  ): void {
    const camera = this.#camera;
    if (!camera) return;
    this.#batch.curve(c, from, to, w0, w1, colour, dash, phase, camera.left, camera.top, camera.zoom);
  }

  line(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    w0: number,
    w1: number,
    colour: Colour,
    dash = 0,
  ): void {
    this.#batch.line(x0, y0, x1, y1, w0, w1, colour, dash);
  }

  end(): void {
    this.#flush();
    this.gl.bindVertexArray(null);
  }

  small(bitmap: ImageBitmap): Picture | null {
    return this.#shelf.put(bitmap);
  }

  large(source: TexImageSource & CanvasImageSource): Picture {
    const gl = this.gl;
    const texture = gl.createTexture();
    const picture = own(texture);
    this.refresh(picture, source);
    return picture;
  }

  refresh(picture: Picture, source: TexImageSource & CanvasImageSource): void {
    const gl = this.gl;
    gl.bindTexture(gl.TEXTURE_2D, picture.texture);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, 0);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, 0);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, source);
    const video = source instanceof HTMLVideoElement;
    if (!video) gl.generateMipmap(gl.TEXTURE_2D);
    clamp(gl, gl.TEXTURE_2D, video ? gl.LINEAR : gl.LINEAR_MIPMAP_LINEAR);
    gl.bindTexture(gl.TEXTURE_2D, null);
  }

  free(picture: Picture): void {
    if (picture.kind === "shelf") this.#shelf.free(picture);
    else if (picture.kind === "own") this.gl.deleteTexture(picture.texture);
  }

  moving(first: ImageBitmap, last: ImageBitmap, field: Field, size: Size): Moving {
    const morph = this.#morphs.prepare(first, last, field, size);
    return {
      at: (t) => own(morph.render(t)),
      still: (t) => this.#shelf.keep(morph, t),
      into: (canvas, t) => this.#copy(morph, t, canvas),
      dispose: () => morph.dispose(),
    };
  }

  dispose(): void {
    this.#morphs.dispose();
    this.#shelf.dispose();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  /** Reads a moment back: the one way that neither shows in this canvas nor needs a second context. */
  #copy(morph: Morph, t: number, canvas: HTMLCanvasElement): void {
    const gl = this.gl;
    const { width, height } = morph.size;
    const frame = morph.render(t);
    if (this.#pixels.length !== width * height * 4) this.#pixels = new Uint8ClampedArray(width * height * 4);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, frame, 0);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, this.#pixels);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, null, 0);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    const image = new ImageData(this.#pixels, width, height);
    const context = canvas.getContext("2d");
    if (!context) return;
    if (canvas.width === width && canvas.height === height) {
      context.putImageData(image, 0, 0);
      return;
    }
    const scratch = this.#scratch;
    if (scratch.width !== width || scratch.height !== height) Object.assign(scratch, { width, height });
    scratch.getContext("2d")?.putImageData(image, 0, 0);
    context.imageSmoothingQuality = "high";
    context.drawImage(scratch, 0, 0, canvas.width, canvas.height);
  }

  #flush(): void {
    this.#batch.flush();
    this.#bind();
  }

  #bind(): void {
    const gl = this.gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.activeTexture(gl.TEXTURE0 + SHELF_UNIT);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.#shelf.texture);
    gl.activeTexture(gl.TEXTURE0 + ATLAS_UNIT);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.#atlasTexture);
    gl.activeTexture(gl.TEXTURE0);
  }

  #emptyAtlas(): WebGLTexture {
    const gl = this.gl;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA8, 1, 1, 1);
    clamp(gl, gl.TEXTURE_2D_ARRAY, gl.LINEAR);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, null);
    return texture;
  }
}

function own(texture: WebGLTexture): Picture {
  return { kind: "own", layer: 0, u0: 0, v0: 0, u1: 1, v1: 1, texture, source: null };
}
