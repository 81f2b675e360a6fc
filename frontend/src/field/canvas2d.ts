/** The canvas drawn by Canvas2D, for browsers without WebGL: the same things, with an overview that is kept while panning. */

import type { Camera } from "./camera";
import { CARD, type Curve, xAt, yAt } from "./curve";
import type { Field } from "./fieldfile";
import { cellOf } from "./gl.mass";
import type { Atlas } from "./host";
import { Morph2D } from "./morph2d";
import { type Colour, css, type Moving, type Picture, type Renderer, type Size } from "./renderer";
import type { Scene } from "./scene";

const BACKGROUND = "#101114";
const MARGIN = 1.5;
/** How long after the last zooming the overview is drawn sharply again, in milliseconds: less than the view's rest. */
const SETTLING = 120;
/** Longer side of the pictures that living edges are computed in, in pixels: the CPU does it. */
const MORPH_SIDE = 160;
/** Longest side of what reads a moment, so that a player stays a player. */
const MOST_SHELF = 512;

/** All nodes and lines as one picture of more than the view, and what it shows. */
interface Overview {
  canvas: HTMLCanvasElement;
  left: number;
  top: number;
  zoom: number;
  key: string;
}

export class Canvas2DRenderer implements Renderer {
  readonly name = "canvas2d";
  readonly lost = false;
  readonly #context: CanvasRenderingContext2D;
  #ratio = 1;
  #camera: Camera | null = null;
  #scene: Scene | null = null;
  #cells: Int32Array = new Int32Array();
  #atlas: Atlas | null = null;
  #pages: readonly ImageBitmap[] = [];
  #atlasCells: Picture[] = [];
  #small = 0;
  #zoom = 0;
  #zoomed = 0;
  #lines: Overview | null = null;
  #cards: Overview | null = null;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
    if (!context) throw new Error("this browser can draw neither with WebGL nor on a canvas");
    this.#context = context;
  }

  resize(width: number, height: number, ratio: number): void {
    this.#ratio = ratio;
    const { canvas } = this.#context;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    this.#lines = null;
    this.#cards = null;
  }

  setFrame(): void {
    this.#small = 0;
  }

  setAtlas(atlas: Atlas, pages: readonly ImageBitmap[]): void {
    this.#atlas = atlas;
    this.#atlasCells = [];
    this.#pages = pages;
    this.#cards = null;
  }

  cell(number: number): Picture {
    const known = this.#atlasCells[number];
    if (known) return known;
    const uv = { layer: 255, u0: 0, v0: 0, u1: 0, v1: 0 };
    cellOf(this.#atlas, number, uv);
    const cell: Picture = { kind: "atlas", ...uv, texture: null, source: this.#pages[uv.layer] ?? null };
    this.#atlasCells[number] = cell;
    return cell;
  }

  begin(camera: Camera, scene: Scene, cells: Int32Array): void {
    [this.#camera, this.#scene, this.#cells] = [camera, scene, cells];
    scene.moved.clear();
    if (camera.zoom !== this.#zoom) this.#zoomed = performance.now();
    this.#zoom = camera.zoom;
    const context = this.#context;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.globalAlpha = 1;
    context.fillStyle = BACKGROUND;
    context.fillRect(0, 0, camera.width, camera.height);
    context.imageSmoothingQuality = "medium";
  }

  lines(colour: Colour): void {
    this.#lines = this.#overview(this.#lines, String(colour), (context, scene, x, y) => {
      context.strokeStyle = css(colour);
      context.lineWidth = 1;
      context.beginPath();
      for (let e = 0; e < scene.edges.length; e++) {
        const [s, t] = [scene.source[e] ?? 0, scene.target[e] ?? 0];
        context.moveTo(x(scene.xOf(s)), y(scene.yOf(s)));
        context.lineTo(x(scene.xOf(t)), y(scene.yOf(t)));
      }
      context.stroke();
    });
  }

  cards(): void {
    const cells = this.#cells;
    this.#cards = this.#overview(this.#cards, String(cells.length), (context, scene, x, y, zoom) => {
      const [w, h] = [Math.max(3, CARD * zoom), Math.max(2, scene.height * zoom)];
      context.fillStyle = "#212327";
      for (let i = 0; i < scene.nodes.length; i++) {
        const [left, top] = [x(scene.xOf(i)) - w / 2, y(scene.yOf(i)) - h / 2];
        const picture = (cells[i] ?? -1) < 0 ? null : this.cell(cells[i] ?? 0);
        if (picture?.source) this.#image(context, picture, left, top, w, h);
        else context.fillRect(left, top, w, h);
      }
    });
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
    const context = this.#context;
    const [left, top] = [x - width / 2, y - height / 2];
    context.beginPath();
    context.roundRect(left, top, width, height, Math.max(0, Math.min(radius, width / 2, height / 2)));
    if (picture?.source) {
      context.save();
      context.clip();
      context.globalAlpha = (fill & 255) / 255;
      this.#image(context, picture, left, top, width, height);
      context.restore();
    } else if ((fill & 255) > 0) {
      context.fillStyle = css(fill);
      context.fill();
    }
    if (strokeWidth <= 0 || (stroke & 255) === 0) return;
    const [inset, thin] = [strokeWidth / 2, strokeWidth];
    context.beginPath();
    const round = Math.max(0, Math.min(radius, width / 2, height / 2) - inset);
    context.roundRect(
      left + inset,
      top + inset,
      Math.max(0, width - thin),
      Math.max(0, height - thin),
      round,
    );
    context.strokeStyle = css(stroke);
    context.lineWidth = strokeWidth;
    context.stroke();
  }

  split(x: number, y: number, w: number, h: number, radius: number, a: Picture, b: Picture): void {
    this.box(x, y, w, h, radius, 0xffffffff, 0, 0, a);
    const context = this.#context;
    const [left, top] = [x - w / 2, y - h / 2];
    context.save();
    context.beginPath();
    context.roundRect(left, top, w, h, Math.min(radius, w / 2, h / 2));
    context.clip();
    context.beginPath();
    context.moveTo(x + w * 0.2, top);
    context.lineTo(left + w, top);
    context.lineTo(left + w, top + h);
    context.lineTo(x - w * 0.2, top + h);
    context.clip();
    this.#image(context, b, left, top, w, h);
    context.restore();
  }

  shadow(x: number, y: number, w: number, h: number, radius: number, blur: number, colour: Colour): void {
    if (blur < 12) return;
    // Two soft steps stand for a blur: a real one takes the CPU longer than all the rest.
    const soft = ((colour & 0xffffff00) | Math.round((colour & 255) * 0.3)) >>> 0;
    this.box(x, y, w + blur * 0.7, h + blur * 0.7, radius + blur * 0.35, soft);
    this.box(x, y, w + blur * 0.3, h + blur * 0.3, radius + blur * 0.15, soft);
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
    const context = this.#context;
    context.beginPath();
    for (let i = 0; i <= 20; i++) {
      const t = from + ((to - from) * i) / 20;
      const [x, y] = [(xAt(c, t) - camera.left) * camera.zoom, (yAt(c, t) - camera.top) * camera.zoom];
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.strokeStyle = css(colour);
    context.lineWidth = (w0 + w1) / 2;
    context.setLineDash(dash > 0 ? [dash, dash] : []);
    context.lineDashOffset = -phase;
    context.stroke();
    context.setLineDash([]);
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
    const context = this.#context;
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [nx, ny] = [-(y1 - y0) / length / 2, (x1 - x0) / length / 2];
    context.fillStyle = css(colour);
    context.beginPath();
    context.moveTo(x0 + nx * w0, y0 + ny * w0);
    context.lineTo(x1 + nx * w1, y1 + ny * w1);
    context.lineTo(x1 - nx * w1, y1 - ny * w1);
    context.lineTo(x0 - nx * w0, y0 - ny * w0);
    if (dash === 0) context.fill();
  }

  end(): void {
    this.#camera = null;
  }

  small(source: ImageBitmap): Picture | null {
    if (this.#small >= MOST_SHELF) return null;
    this.#small++;
    return { ...WHOLE, kind: "shelf", source };
  }

  large(source: TexImageSource & CanvasImageSource): Picture {
    return { ...WHOLE, kind: "own", source };
  }

  refresh(): void {
    // A canvas draws the video itself.
  }

  free(picture: Picture): void {
    if (picture.kind === "shelf") this.#small--;
    if (picture.source instanceof ImageBitmap) picture.source.close();
  }

  moving(first: ImageBitmap, last: ImageBitmap, field: Field, size: Size): Moving {
    const scale = Math.min(1, MORPH_SIDE / Math.max(size.width, size.height));
    const small = { width: Math.round(size.width * scale), height: Math.round(size.height * scale) };
    const morph = new Morph2D(first, last, field, small);
    const canvas = Object.assign(document.createElement("canvas"), small);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const at = (t: number, on = context): Picture => {
      if (on) morph.draw(t, on, 0, 0, on.canvas.width, on.canvas.height);
      return { ...WHOLE, kind: "own", source: on?.canvas ?? canvas };
    };
    return {
      at,
      still: (t) => {
        const kept = Object.assign(document.createElement("canvas"), small).getContext("2d");
        this.#small++;
        return { ...at(t, kept), kind: "shelf" };
      },
      into: (target, t) => {
        const on = target.getContext("2d");
        if (on) morph.draw(t, on, 0, 0, target.width, target.height);
      },
      dispose: () => undefined,
    };
  }

  dispose(): void {
    this.#lines = null;
    this.#cards = null;
  }

  #image(context: CanvasRenderingContext2D, p: Picture, x: number, y: number, w: number, h: number): void {
    const { source } = p;
    if (!source) return;
    const { width, height } = naturalSize(source);
    if (width === 0 || height === 0) return;
    const [sx, sy] = [p.u0 * width, p.v0 * height];
    context.drawImage(source, sx, sy, (p.u1 - p.u0) * width, (p.v1 - p.v0) * height, x, y, w, h);
  }

  /** Shows a picture of more than the view, drawn anew only when it no longer covers it or shows what is. */
  #overview(
    known: Overview | null,
    extra: string,
    draw: (
      context: CanvasRenderingContext2D,
      scene: Scene,
      x: (at: number) => number,
      y: (at: number) => number,
      zoom: number,
    ) => void,
  ): Overview | null {
    const [camera, scene] = [this.#camera, this.#scene];
    if (!camera || !scene) return known;
    const key = `${extra} ${scene.structure} ${scene.places} ${scene.mix}`;
    const [width, height] = [camera.width * MARGIN, camera.height * MARGIN];
    let overview = known;
    const zooming = performance.now() - this.#zoomed < SETTLING;
    const covers =
      overview !== null &&
      overview.key === key &&
      (zooming || overview.zoom === camera.zoom) &&
      (zooming ||
        (camera.left >= overview.left &&
          camera.top >= overview.top &&
          camera.right <= overview.left + width / overview.zoom &&
          camera.bottom <= overview.top + height / overview.zoom));
    if (!overview || !covers) {
      const canvas = overview?.canvas ?? document.createElement("canvas");
      canvas.width = Math.round(width * this.#ratio);
      canvas.height = Math.round(height * this.#ratio);
      const { zoom } = camera;
      const left = camera.x - width / 2 / zoom;
      const top = camera.y - height / 2 / zoom;
      overview = { canvas, left, top, zoom, key };
      const context = canvas.getContext("2d", { willReadFrequently: true });
      if (context) {
        context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
        draw(
          context,
          scene,
          (x) => (x - left) * zoom,
          (y) => (y - top) * zoom,
          zoom,
        );
      }
    }
    const { left, top, zoom, canvas } = overview;
    const [x, y] = [(left - camera.left) * camera.zoom, (top - camera.top) * camera.zoom];
    const scale = camera.zoom / zoom;
    this.#context.drawImage(canvas, x, y, width * scale, height * scale);
    return overview;
  }
}

const WHOLE = { layer: 0, u0: 0, v0: 0, u1: 1, v1: 1, texture: null } as const;

function naturalSize(source: CanvasImageSource): Size {
  if (source instanceof HTMLVideoElement) return { width: source.videoWidth, height: source.videoHeight };
  if (source instanceof ImageBitmap || source instanceof HTMLCanvasElement) return source;
  return { width: 0, height: 0 };
}
