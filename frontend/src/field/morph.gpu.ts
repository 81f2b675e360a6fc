/** What the living edges need of WebGL2: shaders that draw into textures, in a context that others draw in too. */

import { COVER } from "./morph.shaders";

/** What a texture holds. A `band` of colour differences is half floats where those can be drawn to, else their bits. */
export type Holds = "picture" | "fine picture" | "bits" | "band";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** In pixels of the framebuffer, (x, y) being its lower left corner, as for `gl.viewport`. */
export interface Viewport extends Size {
  readonly x: number;
  readonly y: number;
}

/** Textures of one size that are drawn to together, in the order of a shader's outputs. */
export interface Target extends Size {
  readonly framebuffer: WebGLFramebuffer;
  readonly textures: readonly WebGLTexture[];
}

/** Uniforms by name; a texture is bound to a unit of its own. */
export type Inputs = Readonly<Record<string, WebGLTexture | number | readonly number[]>>;

/** The most textures that a shader here takes. */
const UNITS = 5;

/** A context, between its other users. */
export class Gpu {
  readonly gl: WebGL2RenderingContext;
  readonly halfFloats: boolean;
  /** So far. */
  drawCalls = 0;
  readonly #vertices: WebGLVertexArrayObject;

  constructor(gl: WebGL2RenderingContext) {
    this.gl = gl;
    // Either extension lets RGBA16F be drawn to.
    this.halfFloats = ["EXT_color_buffer_float", "EXT_color_buffer_half_float"].some((name) =>
      gl.getExtension(name),
    );
    this.#vertices = gl.createVertexArray();
  }

  /** Does what is asked, with all state set that drawing depends on, and leaves what morph.ts promises. */
  within<Made>(task: () => Made): Made {
    const gl = this.gl;
    for (const test of [gl.BLEND, gl.CULL_FACE, gl.DEPTH_TEST, gl.STENCIL_TEST, gl.SCISSOR_TEST, gl.DITHER]) {
      gl.disable(test);
    }
    gl.disable(gl.RASTERIZER_DISCARD);
    gl.colorMask(true, true, true, true);
    gl.bindVertexArray(this.#vertices);
    for (let unit = 0; unit < UNITS; unit++) gl.bindSampler(unit, null);
    try {
      return task();
    } finally {
      for (let unit = UNITS - 1; unit >= 0; unit--) {
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(gl.TEXTURE_2D, null);
        gl.bindTexture(gl.TEXTURE_3D, null);
      }
      gl.bindVertexArray(null);
      gl.useProgram(null);
    }
  }

  /** Covers a target with what a shader gives. Within `within`. */
  run(pass: Pass, target: Target, inputs: Inputs): void {
    this.cover(pass, target.framebuffer, { x: 0, y: 0, width: target.width, height: target.height }, inputs);
  }

  cover(pass: Pass, framebuffer: WebGLFramebuffer | null, to: Viewport, inputs: Inputs): void {
    const gl = this.gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.viewport(to.x, to.y, to.width, to.height);
    pass.use(inputs);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    this.drawCalls++;
  }

  /** Sets how uploads are read: as they are, from their first row. */
  readyUploads(): void {
    const gl = this.gl;
    gl.bindBuffer(gl.PIXEL_UNPACK_BUFFER, null);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
    for (const name of ["ROW_LENGTH", "IMAGE_HEIGHT", "SKIP_PIXELS", "SKIP_ROWS", "SKIP_IMAGES"] as const) {
      gl.pixelStorei(gl[`UNPACK_${name}`], 0);
    }
  }

  dispose(): void {
    this.gl.deleteVertexArray(this.#vertices);
  }
}

/** A fragment shader; it links in the background until it is first used. */
export class Pass {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #shaders: readonly WebGLShader[];
  readonly #uniforms = new Map<string, { place: WebGLUniformLocation; sampled: GLenum }>();
  #linked = false;

  constructor(gpu: Gpu, fragment: string, ...defines: readonly string[]) {
    const gl = gpu.gl;
    this.#gl = gl;
    this.#program = gl.createProgram();
    const all = gpu.halfFloats ? ["HALF_FLOAT", ...defines] : defines;
    const source = fragment.replace("\n", `\n${all.map((name) => `#define ${name}\n`).join("")}`);
    const stages = [
      [gl.VERTEX_SHADER, COVER],
      [gl.FRAGMENT_SHADER, source],
    ] as const;
    this.#shaders = stages.flatMap(([stage, text]) => {
      const shader = gl.createShader(stage);
      if (!shader) return []; // the context is lost
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(this.#program, shader);
      return [shader];
    });
    gl.linkProgram(this.#program);
  }

  use(inputs: Inputs): void {
    const gl = this.#gl;
    if (!this.#linked) this.#link();
    gl.useProgram(this.#program);
    let unit = 0;
    for (const [name, value] of Object.entries(inputs)) {
      const uniform = this.#uniforms.get(name);
      if (!uniform) continue; // a variant of the shader that has no use for it
      const { place, sampled } = uniform;
      if (typeof value === "number") gl.uniform1f(place, value);
      else if (isNumbers(value)) gl[value.length === 2 ? "uniform2fv" : "uniform4fv"](place, value);
      else {
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(sampled, value);
        gl.uniform1i(place, unit++);
      }
    }
  }

  dispose(): void {
    for (const shader of this.#shaders) this.#gl.deleteShader(shader);
    this.#gl.deleteProgram(this.#program);
  }

  #link(): void {
    const [gl, program] = [this.#gl, this.#program];
    this.#linked = true;
    if (gl.isContextLost()) return;
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      const why = this.#shaders.map((shader) => gl.getShaderInfoLog(shader)).join("\n");
      throw new Error(`a shader of the living edges does not link: ${gl.getProgramInfoLog(program)}\n${why}`);
    }
    const count: number = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS);
    for (let i = 0; i < count; i++) {
      const uniform = gl.getActiveUniform(program, i);
      const place = uniform && gl.getUniformLocation(program, uniform.name);
      if (!place) continue;
      const sampled = uniform.type === gl.SAMPLER_3D ? gl.TEXTURE_3D : gl.TEXTURE_2D;
      this.#uniforms.set(uniform.name, { place, sampled });
    }
  }
}

/** The textures and framebuffers of one owner, freed together. */
export class Store {
  readonly #gpu: Gpu;
  readonly #textures: WebGLTexture[] = [];
  readonly #framebuffers: WebGLFramebuffer[] = [];

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** New textures that can be drawn to, filtered linearly unless they hold integers. */
  target({ width, height }: Size, ...holds: readonly Holds[]): Target {
    const { gl, halfFloats } = this.#gpu;
    const formats = {
      picture: gl.RGBA8,
      "fine picture": gl.RGB10_A2,
      bits: gl.RGBA32UI,
      band: halfFloats ? gl.RGBA16F : gl.RG32UI,
    };
    const framebuffer = gl.createFramebuffer();
    this.#framebuffers.push(framebuffer);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    const textures = holds.map((kind, i) => {
      const texture = this.texture(
        gl.TEXTURE_2D,
        kind === "bits" || (kind === "band" && !halfFloats) ? gl.NEAREST : gl.LINEAR,
      );
      gl.texStorage2D(gl.TEXTURE_2D, 1, formats[kind], width, height);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, texture, 0);
      return texture;
    });
    gl.drawBuffers(holds.map((_, i) => gl.COLOR_ATTACHMENT0 + i));
    return { framebuffer, textures, width, height };
  }

  /** A new texture, bound to the active unit. */
  texture(kind: GLenum, filter: GLenum): WebGLTexture {
    const gl = this.#gpu.gl;
    const texture = gl.createTexture();
    gl.bindTexture(kind, texture);
    gl.texParameteri(kind, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(kind, gl.TEXTURE_MAG_FILTER, filter);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(kind, side, gl.CLAMP_TO_EDGE);
    this.#textures.push(texture);
    return texture;
  }

  dispose(): void {
    const gl = this.#gpu.gl;
    for (const texture of this.#textures.splice(0)) gl.deleteTexture(texture);
    for (const framebuffer of this.#framebuffers.splice(0)) gl.deleteFramebuffer(framebuffer);
  }
}

function isNumbers(value: WebGLTexture | readonly number[]): value is readonly number[] {
  return Array.isArray(value);
}
