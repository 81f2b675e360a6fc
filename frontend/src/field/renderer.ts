/** What draws: WebGL2 or, where there is none, Canvas2D. Both draw the same few things. */

import type { Camera } from "./camera";
import type { Curve } from "./curve";
import type { Field } from "./fieldfile";
import type { Atlas } from "./host";
import type { Scene } from "./scene";

/** A colour as bytes: 0xRRGGBBAA. */
export type Colour = number;

/** Something that was brought to the renderer and can be put into boxes. */
export interface Picture {
  readonly kind: "shelf" | "atlas" | "own";
  /** Of the shelf or of the atlas. */
  readonly layer: number;
  /** What of it: shares of its width and height. */
  readonly u0: number;
  readonly v0: number;
  readonly u1: number;
  readonly v1: number;
  readonly texture: WebGLTexture | null;
  readonly source: CanvasImageSource | null;
}

/** A transition that is ready to be drawn. */
export interface Moving {
  /** A moment, good until the next one is asked for. */
  at(t: number): Picture;
  /** A moment as a small picture to keep; null where there is no room for one. */
  still(t: number): Picture | null;
  /** Draws a moment over the whole of another canvas. */
  into(canvas: HTMLCanvasElement, t: number): void;
  dispose(): void;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Places and sizes are CSS pixels of the view unless said otherwise. */
export interface Renderer {
  readonly name: "webgl2" | "canvas2d";
  readonly lost: boolean;
  /** `ratio`: device pixels per CSS pixel. */
  resize(width: number, height: number, ratio: number): void;
  /** Of the shelf's pictures, in pixels: the workspace's frame, its longer side 256. What was on the shelf is gone. */
  setFrame(small: Size): void;
  setAtlas(atlas: Atlas, pages: readonly ImageBitmap[]): void;
  /** The small picture of a node, from the atlas. */
  cell(number: number): Picture;

  /** `cells`: the number of each node's cell in the atlas, or −1; another array whenever one changed. */
  begin(camera: Camera, scene: Scene, cells: Int32Array): void;
  /** All edges as straight lines. */
  lines(colour: Colour): void;
  /** All nodes as small pictures. */
  cards(): void;
  /** A box with round corners around its centre. A picture is tinted by `fill`; the stroke lies inside. */
  box(
    x: number,
    y: number,
    width: number,
    height: number,
    radius: number,
    fill: Colour,
    stroke?: Colour,
    strokeWidth?: number,
    picture?: Picture | null,
  ): void;
  /** Two pictures of the shelf or the atlas, one fading into the other along a diagonal. */
  split(x: number, y: number, width: number, height: number, radius: number, a: Picture, b: Picture): void;
  /** The dark that a box throws, fading out over `blur`. */
  shadow(x: number, y: number, w: number, h: number, radius: number, blur: number, colour: Colour): void;
  /** A part of a curve, in canvas units; widths at its ends. Dashes of `dash` pixels are `phase` pixels along. */
  curve(
    c: Curve,
    from: number,
    to: number,
    w0: number,
    w1: number,
    colour: Colour,
    dash: number,
    phase: number,
  ): void;
  line(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    w0: number,
    w1: number,
    colour: Colour,
    dash?: number,
  ): void;
  end(): void;

  /** Null where the shelf is full: free something first. */
  small(bitmap: ImageBitmap): Picture | null;
  large(source: TexImageSource & CanvasImageSource): Picture;
  /** Shows the newest frame of a video in a picture made of it. */
  refresh(picture: Picture, source: TexImageSource & CanvasImageSource): void;
  free(picture: Picture): void;
  moving(first: ImageBitmap, last: ImageBitmap, field: Field, size: Size): Moving;
  dispose(): void;
}

/** A colour with its alpha multiplied. */
export function faded(colour: Colour, alpha: number): Colour {
  return ((colour & 0xffffff00) | Math.round((colour & 0xff) * alpha)) >>> 0;
}

/** "#rrggbb" as a colour. */
export function colourOf(hex: string, alpha = 1): Colour {
  const rgb = Number.parseInt(hex.slice(1, 7), 16);
  return (((Number.isNaN(rgb) ? 0x8a8f98 : rgb) << 8) | Math.round(alpha * 255)) >>> 0;
}

export function css(colour: Colour): string {
  const [r, g, b] = [colour >>> 24, (colour >>> 16) & 255, (colour >>> 8) & 255];
  return `rgb(${r} ${g} ${b} / ${(colour & 255) / 255})`;
}
