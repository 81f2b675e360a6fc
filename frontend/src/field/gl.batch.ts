/**
 * Boxes and strokes of one frame, gathered on the CPU and drawn in as few calls as their order allows. Thousands of
 * corners a frame: no pairs are made on the way, which the collector would have to take away again.
 */

import { type Curve, xAt, yAt } from "./curve";
import { ATLAS, BOXES, FLAT, OWN, SHADOW, SHELF, STROKES } from "./gl.shaders";
import type { Colour, Picture } from "./renderer";

export const SHELF_UNIT = 5;
export const ATLAS_UNIT = 6;
export const OWN_UNIT = 7;

const BOX_WORDS = 17;
const STROKE_WORDS = 7;
const MOST_BOXES = 4096;
const MOST_POINTS = 49152;

export function program(
  gl: WebGL2RenderingContext,
  source: { vertex: string; fragment: string },
): WebGLProgram {
  const made = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, source.vertex],
    [gl.FRAGMENT_SHADER, source.fragment],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) continue; // the context is lost
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS) && !gl.isContextLost()) {
    const stages = gl.getAttachedShaders(made) ?? [];
    throw new Error(
      `a shader of the canvas does not compile: ${stages.map((s) => gl.getShaderInfoLog(s)).join(" ")}`,
    );
  }
  return made;
}

export class Batch {
  readonly #gl: WebGL2RenderingContext;
  readonly #boxes: Kind;
  readonly #strokes: Kind;
  /** The kind that is being gathered. */
  #open: Kind | null = null;
  #own: WebGLTexture | null = null;
  #view: [number, number] = [1, 1];
  #ratio = 1;
  drawCalls = 0;
  readonly #ready: () => void;

  /** `ready` is called before each draw call: others may have drawn in the context meanwhile. */
  constructor(gl: WebGL2RenderingContext, ready: () => void) {
    this.#gl = gl;
    this.#ready = ready;
    const indices = new Uint16Array(MOST_BOXES * 6);
    for (let i = 0; i < MOST_BOXES; i++) {
      indices.set(
        [0, 1, 2, 2, 1, 3].map((corner) => 4 * i + corner),
        6 * i,
      );
    }
    this.#boxes = new Kind(gl, BOXES, BOX_WORDS, MOST_BOXES * 4, [4, 4, 4, 3, -4, -4], indices);
    this.#strokes = new Kind(gl, STROKES, STROKE_WORDS, MOST_POINTS, [4, 2, -4], null);
  }

  begin(width: number, height: number, ratio: number): void {
    this.#view = [width, height];
    this.#ratio = ratio;
    this.drawCalls = 0;
    this.#boxes.count = 0;
    this.#strokes.count = 0;
  }

  box(
    x: number,
    y: number,
    width: number,
    height: number,
    radius: number,
    fill: Colour,
    stroke: Colour,
    strokeWidth: number,
    picture: Picture | null,
    second: Picture | null,
    shadow: boolean,
  ): void {
    const own = picture?.kind === "own" ? picture.texture : null;
    if (this.#open !== this.#boxes || this.#boxes.count + 4 > MOST_BOXES * 4) this.flush();
    if (own && own !== this.#own) {
      if (this.#own) this.flush();
      this.#own = own;
    }
    this.#open = this.#boxes;
    const { floats, words } = this.#boxes;
    const hw = width / 2;
    const hh = height / 2;
    const grow = shadow ? strokeWidth : 1;
    const mode = (shadow ? SHADOW : picture ? modeOf(picture) : FLAT) + (second ? 8 * modeOf(second) : 0);
    for (let corner = 0; corner < 4; corner++) {
      const lx = corner & 1 ? hw + grow : -hw - grow;
      const ly = corner & 2 ? hh + grow : -hh - grow;
      // The pixel around the box, for smooth edges, shows what lies next to the border.
      const su = 0.5 + (lx / hw) * 0.5;
      const sv = 0.5 + (ly / hh) * 0.5;
      let at = this.#boxes.count++ * BOX_WORDS;
      floats[at++] = x + lx;
      floats[at++] = y + ly;
      floats[at++] = lx;
      floats[at++] = ly;
      floats[at++] = hw;
      floats[at++] = hh;
      floats[at++] = radius;
      floats[at++] = strokeWidth;
      floats[at++] = picture ? picture.u0 + (picture.u1 - picture.u0) * su : 0;
      floats[at++] = picture ? picture.v0 + (picture.v1 - picture.v0) * sv : 0;
      floats[at++] = second ? second.u0 + (second.u1 - second.u0) * su : 0;
      floats[at++] = second ? second.v0 + (second.v1 - second.v0) * sv : 0;
      floats[at++] = mode;
      floats[at++] = picture ? picture.layer : 0;
      floats[at++] = second ? second.layer : 0;
      words[at++] = fill;
      words[at++] = stroke;
    }
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
    left: number,
    top: number,
    zoom: number,
  ): void {
    const bend = Math.abs(c.x1 + c.x2 - c.x0 - c.x3) + Math.abs(c.y1 + c.y2 - c.y0 - c.y3);
    // As many pieces as the eye needs: those of a curve stray from it by the square of their length.
    const steps = Math.max(2, Math.min(28, Math.ceil(Math.sqrt(bend * zoom) * 1.1)));
    let along = -phase;
    let px = 0;
    let py = 0;
    for (let i = 0; i <= steps; i++) {
      const share = i / steps;
      const t = from + (to - from) * share;
      const x = (xAt(c, t) - left) * zoom;
      const y = (yAt(c, t) - top) * zoom;
      // The direction is that of the curve's derivative.
      const u = 1 - t;
      const dx = u * u * (c.x1 - c.x0) + 2 * u * t * (c.x2 - c.x1) + t * t * (c.x3 - c.x2);
      const dy = u * u * (c.y1 - c.y0) + 2 * u * t * (c.y2 - c.y1) + t * t * (c.y3 - c.y2);
      if (i > 0) along += Math.hypot(x - px, y - py);
      this.#points(x, y, dx, dy, (w0 + (w1 - w0) * share) / 2, along, dash, colour, i === 0, i === steps);
      px = x;
      py = y;
    }
  }

  line(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    w0: number,
    w1: number,
    colour: Colour,
    dash: number,
  ): void {
    const dx = x1 - x0;
    const dy = y1 - y0;
    this.#points(x0, y0, dx, dy, w0 / 2, 0, dash, colour, true, false);
    this.#points(x1, y1, dx, dy, w1 / 2, Math.hypot(dx, dy), dash, colour, false, true);
  }

  /** Both sides of a line at a point; strips are joined by triangles without area. */
  #points(
    x: number,
    y: number,
    dx: number,
    dy: number,
    half: number,
    along: number,
    dash: number,
    colour: Colour,
    first: boolean,
    last: boolean,
  ): void {
    if (first && (this.#open !== this.#strokes || this.#strokes.count + 128 > MOST_POINTS)) this.flush();
    this.#open = this.#strokes;
    const length = Math.hypot(dx, dy) || 1;
    const reach = half + 1 / this.#ratio;
    const nx = (-dy / length) * reach;
    const ny = (dx / length) * reach;
    const { floats, words } = this.#strokes;
    for (let i = first ? 0 : 1; i < (last ? 4 : 3); i++) {
      const side = i < 2 ? 1 : -1;
      let at = this.#strokes.count++ * STROKE_WORDS;
      floats[at++] = x + nx * side;
      floats[at++] = y + ny * side;
      floats[at++] = side;
      floats[at++] = half;
      floats[at++] = along;
      floats[at++] = dash;
      words[at++] = colour;
    }
  }

  /** Draws what was gathered. */
  flush(): void {
    const [gl, kind] = [this.#gl, this.#open];
    this.#open = null;
    if (!kind || kind.count === 0) return;
    this.#ready();
    gl.useProgram(kind.program);
    gl.bindVertexArray(kind.vertices);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniform2f(kind.place("u_view"), this.#view[0], this.#view[1]);
    gl.uniform1f(kind.place("u_pixel"), 1 / this.#ratio);
    gl.bindBuffer(gl.ARRAY_BUFFER, kind.buffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, kind.floats, 0, (kind.count * kind.floats.length) / kind.most);
    if (kind === this.#boxes) {
      gl.uniform1i(kind.place("u_shelf"), SHELF_UNIT);
      gl.uniform1i(kind.place("u_atlas"), ATLAS_UNIT);
      gl.uniform1i(kind.place("u_own"), OWN_UNIT);
      gl.activeTexture(gl.TEXTURE0 + OWN_UNIT);
      gl.bindTexture(gl.TEXTURE_2D, this.#own);
      this.#own = null;
      gl.drawElements(gl.TRIANGLES, (kind.count / 4) * 6, gl.UNSIGNED_SHORT, 0);
    } else gl.drawArrays(gl.TRIANGLE_STRIP, 0, kind.count);
    kind.count = 0;
    this.drawCalls++;
  }
}

function modeOf(picture: Picture): number {
  return picture.kind === "shelf" ? SHELF : picture.kind === "atlas" ? ATLAS : OWN;
}

/** A program with the buffer that it draws from. */
class Kind {
  readonly program: WebGLProgram;
  readonly vertices: WebGLVertexArrayObject;
  readonly buffer: WebGLBuffer;
  readonly floats: Float32Array;
  readonly words: Uint32Array;
  /** Vertices gathered; and how many there is room for. */
  count = 0;
  readonly most: number;
  readonly #gl: WebGL2RenderingContext;
  readonly #places = new Map<string, WebGLUniformLocation | null>();

  /** `attributes`: how many floats each has, in order; −4 is a colour in one word. */
  constructor(
    gl: WebGL2RenderingContext,
    source: { vertex: string; fragment: string },
    words: number,
    most: number,
    attributes: readonly number[],
    indices: Uint16Array | null,
  ) {
    this.#gl = gl;
    this.most = most;
    this.program = program(gl, source);
    this.floats = new Float32Array(words * most);
    this.words = new Uint32Array(this.floats.buffer);
    this.vertices = gl.createVertexArray();
    this.buffer = gl.createBuffer();
    gl.bindVertexArray(this.vertices);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.floats.byteLength, gl.DYNAMIC_DRAW);
    let offset = 0;
    attributes.forEach((size, i) => {
      gl.enableVertexAttribArray(i);
      if (size > 0) gl.vertexAttribPointer(i, size, gl.FLOAT, false, words * 4, offset);
      else gl.vertexAttribPointer(i, 4, gl.UNSIGNED_BYTE, true, words * 4, offset);
      offset += size > 0 ? size * 4 : 4;
    });
    if (indices) {
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
    }
    gl.bindVertexArray(null);
  }

  place(name: string): WebGLUniformLocation | null {
    if (!this.#places.has(name)) this.#places.set(name, this.#gl.getUniformLocation(this.program, name));
    return this.#places.get(name) ?? null;
  }
}
