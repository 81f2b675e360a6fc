/** All nodes and all edges from afar: two buffers that lie on the graphics card and change only where something moved. */

import type { Camera } from "./camera";
import { CARD } from "./curve";
import { ATLAS_UNIT, program } from "./gl.batch";
import { CARDS, LINES } from "./gl.shaders";
import type { Atlas } from "./host";
import type { Colour } from "./renderer";
import type { Scene } from "./scene";

const CARD_BYTES = 28;
const CORNERS = [
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
] as const;

export class Mass {
  readonly #gl: WebGL2RenderingContext;
  readonly #cards: WebGLProgram;
  readonly #lines: WebGLProgram;
  readonly #cardVertices: WebGLVertexArrayObject;
  readonly #lineVertices: WebGLVertexArrayObject;
  readonly #cardBuffer: WebGLBuffer;
  readonly #lineBuffer: WebGLBuffer;
  readonly #indexBuffer: WebGLBuffer;
  #cardData = new ArrayBuffer(0);
  #cardFloats = new Float32Array();
  #lineData = new Float32Array();
  /** Edges at each node, as numbers, for those that move. */
  #edgesAt: Int32Array[] | null = null;
  #structure = -1;
  #cells: Int32Array | null = null;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#cards = program(gl, CARDS);
    this.#lines = program(gl, LINES);
    this.#cardBuffer = gl.createBuffer();
    this.#lineBuffer = gl.createBuffer();
    this.#indexBuffer = gl.createBuffer();
    this.#cardVertices = gl.createVertexArray();
    gl.bindVertexArray(this.#cardVertices);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#cardBuffer);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#indexBuffer);
    this.#attribute(0, 2, gl.FLOAT, false, CARD_BYTES, 0);
    this.#attribute(1, 2, gl.FLOAT, false, CARD_BYTES, 8);
    this.#attribute(2, 2, gl.BYTE, false, CARD_BYTES, 16);
    this.#attribute(4, 1, gl.UNSIGNED_BYTE, false, CARD_BYTES, 18);
    this.#attribute(3, 2, gl.FLOAT, false, CARD_BYTES, 20);
    this.#lineVertices = gl.createVertexArray();
    gl.bindVertexArray(this.#lineVertices);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#lineBuffer);
    this.#attribute(0, 2, gl.FLOAT, false, 16, 0);
    this.#attribute(1, 2, gl.FLOAT, false, 16, 8);
    gl.bindVertexArray(null);
  }

  #attribute(at: number, size: number, type: number, normal: boolean, stride: number, offset: number): void {
    this.#gl.enableVertexAttribArray(at);
    this.#gl.vertexAttribPointer(at, size, type, normal, stride, offset);
  }

  /** Brings the buffers up to date. `cells`: the number of each node's cell in the atlas, or −1. */
  update(scene: Scene, cells: Int32Array, atlas: Atlas | null): void {
    if (this.#structure !== scene.structure || this.#cells !== cells) this.#build(scene, cells, atlas);
    else if (scene.moved.size > 0) this.#patch(scene);
    scene.moved.clear();
  }

  drawLines(camera: Camera, scene: Scene, colour: Colour): void {
    const gl = this.#gl;
    const place = this.#begin(this.#lines, camera, scene);
    gl.bindVertexArray(this.#lineVertices);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const bytes = [colour >>> 24, (colour >>> 16) & 255, (colour >>> 8) & 255, colour & 255];
    gl.uniform4fv(
      place("u_colour"),
      bytes.map((byte) => byte / 255),
    );
    gl.drawArrays(gl.LINES, 0, scene.edges.length * 2);
  }

  drawCards(camera: Camera, scene: Scene): void {
    const gl = this.#gl;
    const place = this.#begin(this.#cards, camera, scene);
    gl.bindVertexArray(this.#cardVertices);
    gl.disable(gl.BLEND);
    // However far the eye is, a card is at least three pixels wide.
    const half = Math.max(CARD / 2, 1.5 / camera.zoom);
    gl.uniform2f(place("u_half"), half, (half * scene.height) / CARD);
    gl.uniform1i(place("u_atlas"), ATLAS_UNIT);
    gl.drawElements(gl.TRIANGLES, scene.nodes.length * 6, gl.UNSIGNED_INT, 0);
  }

  readonly #places = new Map<WebGLProgram, Map<string, WebGLUniformLocation | null>>();

  #begin(program: WebGLProgram, camera: Camera, scene: Scene) {
    const gl = this.#gl;
    const places = this.#places.get(program) ?? new Map<string, WebGLUniformLocation | null>();
    this.#places.set(program, places);
    const place = (name: string): WebGLUniformLocation | null => {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
      return places.get(name) ?? null;
    };
    gl.useProgram(program);
    gl.uniform3f(place("u_camera"), camera.x, camera.y, camera.zoom);
    gl.uniform2f(place("u_view"), camera.width, camera.height);
    gl.uniform1f(place("u_mix"), scene.mix);
    return place;
  }

  #build(scene: Scene, cells: Int32Array, atlas: Atlas | null): void {
    const gl = this.#gl;
    this.#structure = scene.structure;
    this.#cells = cells;
    this.#edgesAt = null;
    const nodes = scene.nodes.length;
    this.#cardData = new ArrayBuffer(nodes * 4 * CARD_BYTES);
    this.#cardFloats = new Float32Array(this.#cardData);
    const bytes = new Int8Array(this.#cardData);
    const indices = new Uint32Array(nodes * 6);
    const uv = { layer: 255, u0: 0, v0: 0, u1: 0, v1: 0 };
    for (let i = 0; i < nodes; i++) {
      cellOf(atlas, cells[i] ?? -1, uv);
      for (let corner = 0; corner < 4; corner++) {
        const [sx, sy] = CORNERS[corner] ?? [0, 0];
        const at = (4 * i + corner) * CARD_BYTES;
        bytes[at + 16] = sx;
        bytes[at + 17] = sy;
        bytes[at + 18] = uv.layer;
        this.#cardFloats[at / 4 + 5] = sx < 0 ? uv.u0 : uv.u1;
        this.#cardFloats[at / 4 + 6] = sy < 0 ? uv.v0 : uv.v1;
      }
      this.#placeCard(scene, i);
      const [at, from] = [6 * i, 4 * i];
      indices[at] = from;
      indices[at + 1] = from + 1;
      indices[at + 2] = from + 2;
      indices[at + 3] = from + 2;
      indices[at + 4] = from + 1;
      indices[at + 5] = from + 3;
    }
    this.#lineData = new Float32Array(scene.edges.length * 8);
    for (let e = 0; e < scene.edges.length; e++) this.#placeLine(scene, e);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#indexBuffer);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#cardBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.#cardData, gl.STATIC_DRAW);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#lineBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.#lineData, gl.STATIC_DRAW);
  }

  /** Uploads what moved; all of it in one piece where that is most of it. */
  #patch(scene: Scene): void {
    const gl = this.#gl;
    this.#edgesAt ??= incident(scene);
    const touched = new Set<number>();
    for (const i of scene.moved) {
      this.#placeCard(scene, i);
      for (const e of this.#edgesAt[i] ?? []) touched.add(e);
    }
    for (const e of touched) this.#placeLine(scene, e);
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#cardBuffer);
    if (scene.moved.size > 200) gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.#cardData);
    else {
      for (const i of scene.moved) {
        const [at, floats] = [i * CARD_BYTES * 4, CARD_BYTES];
        gl.bufferSubData(gl.ARRAY_BUFFER, at, this.#cardFloats, i * floats, floats);
      }
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#lineBuffer);
    if (touched.size > 200) gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.#lineData);
    else for (const e of touched) gl.bufferSubData(gl.ARRAY_BUFFER, e * 32, this.#lineData, e * 8, 8);
  }

  #placeCard(scene: Scene, i: number): void {
    for (let corner = 0; corner < 4; corner++) {
      const at = ((4 * i + corner) * CARD_BYTES) / 4;
      this.#cardFloats[at] = scene.x[i] ?? 0;
      this.#cardFloats[at + 1] = scene.y[i] ?? 0;
      this.#cardFloats[at + 2] = scene.lensX[i] ?? 0;
      this.#cardFloats[at + 3] = scene.lensY[i] ?? 0;
    }
  }

  #placeLine(scene: Scene, e: number): void {
    for (let end = 0; end < 2; end++) {
      const i = (end === 0 ? scene.source[e] : scene.target[e]) ?? 0;
      const at = e * 8 + end * 4;
      this.#lineData[at] = scene.x[i] ?? 0;
      this.#lineData[at + 1] = scene.y[i] ?? 0;
      this.#lineData[at + 2] = scene.lensX[i] ?? 0;
      this.#lineData[at + 3] = scene.lensY[i] ?? 0;
    }
  }
}

function incident(scene: Scene): Int32Array[] {
  const lists: number[][] = scene.nodes.map(() => []);
  for (let e = 0; e < scene.edges.length; e++) {
    lists[scene.source[e] ?? 0]?.push(e);
    lists[scene.target[e] ?? 0]?.push(e);
  }
  return lists.map((list) => Int32Array.from(list));
}

/** Where a cell lies in the atlas: its page, and its corners as shares of it, half a pixel inside. */
export function cellOf(
  atlas: Atlas | null,
  cell: number,
  into: { layer: number; u0: number; v0: number; u1: number; v1: number },
): void {
  into.layer = 255;
  if (!atlas || cell < 0) return;
  const [width, height] = atlas.cell;
  const columns = Math.floor(atlas.page / width);
  const rows = Math.floor(atlas.page / height);
  const within = cell % (columns * rows);
  const [x, y] = [(within % columns) * width, Math.floor(within / columns) * height];
  into.layer = Math.floor(cell / (columns * rows));
  into.u0 = (x + 0.5) / atlas.page;
  into.v0 = (y + 0.5) / atlas.page;
  into.u1 = (x + width - 0.5) / atlas.page;
  into.v1 = (y + height - 0.5) / atlas.page;
}
