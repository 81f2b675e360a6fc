/** A page for tests: living edges drawn, read back and timed. */

import { type Field, parseField } from "../field/fieldfile";
import { type Morph, MorphRenderer, type Size } from "../field/morph";
import { Morph2D } from "../field/morph2d";

interface Pair {
  first: ImageBitmap;
  last: ImageBitmap;
  field: Field;
}

async function picture(url: string): Promise<ImageBitmap> {
  const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" } as const;
  return createImageBitmap(await (await fetch(url)).blob(), options);
}

async function pair(name: string): Promise<Pair> {
  const [first, last] = await Promise.all([picture(`${name}-first.png`), picture(`${name}-last.png`)]);
  return { first, last, field: await parseField(await (await fetch(`${name}.field`)).arrayBuffer()) };
}

function base64(bytes: Uint8Array | Uint8ClampedArray): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}

/** One canvas with one context, as the studio has. */
class Stage {
  readonly gl: WebGL2RenderingContext;
  #renderer: MorphRenderer;
  readonly #morphs = new Map<string, Morph>();

  /** @param floats  whether to let textures of floats be drawn to, where the browser can. */
  constructor(floats: boolean) {
    const gl = document.createElement("canvas").getContext("webgl2", { antialias: false });
    if (!gl) throw new Error("no WebGL2");
    if (!floats) gl.getExtension = () => null;
    this.gl = gl;
    this.#renderer = new MorphRenderer(gl);
  }

  async prepare(name: string, size: Size): Promise<void> {
    const { first, last, field } = await pair(name);
    this.#morphs.get(name)?.dispose();
    this.#morphs.set(name, this.#renderer.prepare(first, last, field, size));
  }

  /** The canvas, filled by the moment: base64 of RGBA, from the lowest row to the highest, as WebGL reads. */
  drawn(name: string, t: number): string {
    const { gl, size } = this.#on(name);
    Object.assign(gl.canvas, size);
    this.#morph(name).draw(t, null, { x: 0, y: 0, ...size });
    return this.#read(size);
  }

  /** The texture of the moment: base64 of RGBA, from row 0 on. */
  rendered(name: string, t: number): string {
    const { gl, size } = this.#on(name);
    const texture = this.#morph(name).render(t);
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    const read = this.#read(size);
    gl.deleteFramebuffer(framebuffer);
    return read;
  }

  /** Milliseconds and draw calls per moment drawn to a canvas, over `count` moments. */
  timed(name: string, count: number): { ms: number; drawCalls: number } {
    const { gl, size } = this.#on(name);
    Object.assign(gl.canvas, size);
    const pixel = new Uint8Array(4);
    const draw = (t: number): void => {
      this.#morph(name).draw(t, null, { x: 0, y: 0, ...size });
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel); // waits until it is drawn
    };
    draw(0.5);
    const [start, calls] = [performance.now(), this.#renderer.drawCalls];
    for (let i = 0; i < count; i++) draw((i + 0.7) / (count + 1));
    return { ms: (performance.now() - start) / count, drawCalls: (this.#renderer.drawCalls - calls) / count };
  }

  /** Sets all that could spoil a drawing that relied on it. */
  disturb(): void {
    const gl = this.gl;
    for (const test of [gl.BLEND, gl.CULL_FACE, gl.DEPTH_TEST, gl.STENCIL_TEST, gl.SCISSOR_TEST])
      gl.enable(test);
    gl.enable(gl.RASTERIZER_DISCARD);
    gl.cullFace(gl.FRONT_AND_BACK);
    gl.depthFunc(gl.NEVER);
    gl.stencilFunc(gl.NEVER, 1, 1);
    gl.scissor(0, 0, 1, 1);
    gl.viewport(0, 0, 1, 1);
    gl.colorMask(false, false, false, false);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 7);
    gl.pixelStorei(gl.UNPACK_SKIP_ROWS, 1);
    gl.bindVertexArray(gl.createVertexArray());
    gl.bindBuffer(gl.PIXEL_UNPACK_BUFFER, gl.createBuffer());
    const sampler = gl.createSampler();
    gl.samplerParameteri(sampler, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    for (let unit = 0; unit < 5; unit++) gl.bindSampler(unit, sampler);
    gl.activeTexture(gl.TEXTURE3);
  }

  /** The names of state that is not as morph.ts promises to leave it. */
  disorder(): string[] {
    const gl = this.gl;
    const on = [
      "BLEND",
      "CULL_FACE",
      "DEPTH_TEST",
      "STENCIL_TEST",
      "SCISSOR_TEST",
      "RASTERIZER_DISCARD",
      "DITHER",
    ];
    const bound = [
      "CURRENT_PROGRAM",
      "VERTEX_ARRAY_BINDING",
      "FRAMEBUFFER_BINDING",
      "PIXEL_UNPACK_BUFFER_BINDING",
    ];
    const perUnit = ["TEXTURE_BINDING_2D", "TEXTURE_BINDING_3D", "SAMPLER_BINDING"];
    const value = (name: string): unknown => gl.getParameter(gl[name as "BLEND"]);
    const found = [
      ...on.filter((name) => value(name) === true),
      ...bound.filter((name) => value(name) !== null),
    ];
    if (value("ACTIVE_TEXTURE") !== gl.TEXTURE0) found.push("ACTIVE_TEXTURE");
    if (String(value("COLOR_WRITEMASK")) !== "true,true,true,true") found.push("COLOR_WRITEMASK");
    for (let unit = 0; unit < 5; unit++) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      found.push(...perUnit.filter((name) => value(name) !== null));
    }
    return found;
  }

  /** Loses the context, draws all the same, gets it back and starts anew. */
  async loseAndRestore(name: string, t: number): Promise<void> {
    const { gl } = this;
    const size = this.#morph(name).size;
    const loss = gl.getExtension("WEBGL_lose_context");
    const heard = (event: string): Promise<Event> =>
      new Promise((resolve) => {
        gl.canvas.addEventListener(event, resolve, { once: true });
      });
    gl.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault(), { once: true });
    const lost = heard("webglcontextlost");
    loss?.loseContext();
    await lost;
    this.#morph(name).draw(t, null, { x: 0, y: 0, ...size });
    await this.prepare(name, size);
    this.#morph(name).render(t);
    this.#renderer.dispose();
    this.#morphs.clear();
    const restored = heard("webglcontextrestored");
    loss?.restoreContext();
    await restored;
    this.#renderer = new MorphRenderer(gl);
    await this.prepare(name, size);
  }

  /** Whether a moment's texture is still there once its morph is disposed of. */
  outlives(name: string): boolean {
    const texture = this.#morph(name).render(0.5);
    this.#morph(name).dispose();
    this.#morphs.delete(name);
    return this.gl.isTexture(texture);
  }

  error(): number {
    return this.gl.isContextLost() ? this.gl.CONTEXT_LOST_WEBGL : this.gl.getError();
  }

  #on(name: string): { gl: WebGL2RenderingContext; size: Size } {
    return { gl: this.gl, size: this.#morph(name).size };
  }

  #morph(name: string): Morph {
    const morph = this.#morphs.get(name);
    if (!morph) throw new Error(`${name} was not prepared`);
    return morph;
  }

  #read({ width, height }: Size): string {
    const pixels = new Uint8Array(4 * width * height);
    this.gl.readPixels(0, 0, width, height, this.gl.RGBA, this.gl.UNSIGNED_BYTE, pixels);
    return base64(pixels);
  }
}

/** Moments drawn without WebGL: base64 of RGBA each, and the milliseconds one takes. */
async function without(
  name: string,
  size: Size,
  moments: number[],
): Promise<{ frames: string[]; ms: number }> {
  const { first, last, field } = await pair(name);
  const morph = new Morph2D(first, last, field, size);
  const canvas = Object.assign(document.createElement("canvas"), size);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  const start = performance.now();
  const frames = moments.map((t) => {
    morph.draw(t, context, 0, 0, size.width, size.height);
    return context.getImageData(0, 0, size.width, size.height).data;
  });
  return { frames: frames.map(base64), ms: (performance.now() - start) / moments.length };
}

Object.assign(window, { openStage: (floats: boolean) => new Stage(floats), without });
