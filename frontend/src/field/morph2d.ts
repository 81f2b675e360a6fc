/**
 * Living edges where there is no WebGL: the same transition on the CPU, from small copies of the pictures.
 *
 * Every pixel finds its half-way point and samples both pictures as in morph.shaders.ts; there are two bands, the rough
 * colours and the rest. Over a field in sand lie its grains.
 */

import { type Field, innerTime } from "./fieldfile";
import { recoloured } from "./recolour";
import { strew } from "./sand2d";

/** A pixel of the coarse band is this many pixels wide. */
const BLOCK = 8;
/** How much of the whole time the bands take to switch; between the extremes of drawing.py. */
const [FINE_WIDTH, COARSE_WIDTH] = [0.12, 0.5];
const ROUNDS = 4;
const SETTLED = 0.02; // in cells

/** One transition. It needs no disposing. */
export class Morph2D {
  readonly #moment: (t: number) => Uint8ClampedArray<ArrayBuffer>;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #drawn: number | null = null;

  /**
   * @param first  sRGB, opaque; stretched to the small size.
   * @param last  likewise.
   * @param small  the size in pixels at which moments are computed, in the frame's shape.
   */
  constructor(
    first: CanvasImageSource,
    last: CanvasImageSource,
    field: Field,
    small: { readonly width: number; readonly height: number },
  ) {
    const { width, height } = small;
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("this browser can't draw on a canvas");
    Object.assign(canvas, { width, height });
    [this.#canvas, this.#context] = [canvas, context];
    context.imageSmoothingQuality = "high";
    const [a, b] = [first, last].map((picture) => {
      context.drawImage(picture, 0, 0, width, height);
      return context.getImageData(0, 0, width, height).data;
    });
    if (!a || !b) throw new Error("two pictures are two");
    this.#moment = moments(a, b, field, width, height);
  }

  /** Draws the moment t, 0–1, over the rectangle (x, y, w, h) of a canvas. */
  draw(t: number, context: CanvasRenderingContext2D, x: number, y: number, w: number, h: number): void {
    if (t !== this.#drawn) {
      const { width, height } = this.#canvas;
      this.#context.putImageData(new ImageData(this.#moment(t), width, height), 0, 0);
      this.#drawn = t;
    }
    context.drawImage(this.#canvas, x, y, w, h);
  }
}

/**
 * The moments of a transition between two small pictures, RGBA bytes of sRGB, as a function of t, 0–1. What it gives is
 * written over by the next moment.
 */
export function moments(
  a: Uint8ClampedArray,
  b: Uint8ClampedArray,
  field: Field,
  width: number,
  height: number,
): (t: number) => Uint8ClampedArray<ArrayBuffer> {
  const { columns, rows, v } = field;
  const tau = field.timing?.tau;
  const [toB, toA] = field.palettes ?? [];
  const [laterA, earlierB] = [toB && recoloured(a, toB), toA && recoloured(b, toA)];
  const [tintedA, tintedB] = [new Float32Array(a.length), new Float32Array(b.length)];
  const frame = new Uint8ClampedArray(a.length).fill(255);
  const gap = new Float32Array(3 * width * height); // the first picture less the second, as this moment sees them
  const second = new Float32Array(gap.length);
  const [fine, coarse] = [new Float32Array(width * height), new Float32Array(width * height)]; // left of the first
  const here = new Float32Array(3); // v and τ of the half-way point under a pixel
  const colours = new Float32Array(6);

  /** v and τ at (x, y), in cells, bilinear. */
  const look = (x: number, y: number): void => {
    const [cx, cy] = [clamped(x, columns - 1.001), clamped(y, rows - 1.001)];
    const [i, j] = [Math.floor(cx), Math.floor(cy)];
    const [fx, fy] = [cx - i, cy - j];
    here.fill(0);
    for (let corner = 0; corner < 4; corner++) {
      const [dx, dy] = [corner & 1, corner >> 1];
      const share = (dx ? fx : 1 - fx) * (dy ? fy : 1 - fy);
      const cell = (j + dy) * columns + i + dx;
      here[0] = (here[0] ?? 0) + share * (v[2 * cell] ?? 0);
      here[1] = (here[1] ?? 0) + share * (v[2 * cell + 1] ?? 0);
      here[2] = (here[2] ?? 0) + share * (tau?.[cell] ?? 0);
    }
  };

  /** A picture's colour at (x, y), in pixels, bilinear, mirrored at its borders. */
  const sample = (picture: Float32Array, x: number, y: number, into: number): void => {
    const [i, j] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - i, y - j];
    const [left, right] = [mirrored(i, width), mirrored(i + 1, width)];
    const [top, bottom] = [mirrored(j, height) * width, mirrored(j + 1, height) * width];
    for (let c = 0; c < 3; c++) {
      const above =
        (picture[4 * (top + left) + c] ?? 0) * (1 - fx) + (picture[4 * (top + right) + c] ?? 0) * fx;
      const below =
        (picture[4 * (bottom + left) + c] ?? 0) * (1 - fx) + (picture[4 * (bottom + right) + c] ?? 0) * fx;
      colours[into + c] = above * (1 - fy) + below * fy;
    }
  };

  /** 1 in the picture, less the farther beyond its border; as in morph.shaders.ts. */
  const inside = (x: number, y: number): number => {
    const beyondX = Math.max(-x, x - width + 1, 0) / width;
    const beyondY = Math.max(-y, y - height + 1, 0) / height;
    return Math.max(1 - 50 * (beyondX + beyondY), 1e-3);
  };

  return (moment) => {
    const t = innerTime(field, moment);
    const s = 2 * t - 1;
    if (moment <= 0 || moment >= 1) {
      frame.set(moment <= 0 ? a : b);
      return frame;
    }
    tint(a, laterA, t, tintedA);
    tint(b, earlierB, 1 - t, tintedB);
    for (let pixel = 0; pixel < fine.length; pixel++) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      const [qx, qy] = [((x + 0.5) * columns) / width - 0.5, ((y + 0.5) * rows) / height - 0.5];
      let [px, py] = [qx, qy];
      for (let round = 0; round <= ROUNDS; round++) {
        look(px, py);
        const [nx, ny] = [qx - s * (here[0] ?? 0) * columns, qy - s * (here[1] ?? 0) * rows];
        const moved = Math.abs(nx - px) + Math.abs(ny - py);
        [px, py] = [nx, ny];
        if (moved < SETTLED) break;
      }
      const [dx, dy, when] = [(here[0] ?? 0) * width, (here[1] ?? 0) * height, here[2] ?? 0];
      const [ax, ay, bx, by] = [x - (s + 1) * dx, y - (s + 1) * dy, x + (1 - s) * dx, y + (1 - s) * dy];
      sample(tintedA, ax, ay, 0);
      sample(tintedB, bx, by, 3);
      const [ofA, ofB] = tau ? [1, 1] : [(1 - t) * inside(ax, ay), t * inside(bx, by)];
      fine[pixel] = tau ? left(t, when, FINE_WIDTH) : ofA / (ofA + ofB);
      coarse[pixel] = tau ? left(t, when, COARSE_WIDTH) : ofA / (ofA + ofB);
      for (let c = 0; c < 3; c++) {
        second[3 * pixel + c] = colours[3 + c] ?? 0;
        gap[3 * pixel + c] = (colours[c] ?? 0) - (colours[3 + c] ?? 0);
      }
    }
    const rough = smoothed(gap, width, height);
    for (let i = 0; i < gap.length; i++) {
      const pixel = Math.floor(i / 3);
      const low = rough[i] ?? 0;
      frame[i + pixel] =
        (second[i] ?? 0) + (coarse[pixel] ?? 0) * low + (fine[pixel] ?? 0) * ((gap[i] ?? 0) - low);
    }
    strew(frame, tintedA, tintedB, field, width, height, t);
    return frame;
  };
}

/** `(height, width, 3)`, averaged over blocks and linear between their centres. */
function smoothed(values: Float32Array, width: number, height: number): Float32Array {
  const [across, down] = [Math.ceil(width / BLOCK), Math.ceil(height / BLOCK)];
  const [means, counts] = [new Float32Array(3 * across * down), new Float32Array(across * down)];
  for (let i = 0; i < values.length; i++) {
    const pixel = Math.floor(i / 3);
    const block = Math.floor(pixel / width / BLOCK) * across + Math.floor((pixel % width) / BLOCK);
    means[3 * block + (i % 3)] = (means[3 * block + (i % 3)] ?? 0) + (values[i] ?? 0);
    counts[block] = (counts[block] ?? 0) + 1 / 3;
  }
  means.forEach((sum, i) => {
    means[i] = sum / (counts[Math.floor(i / 3)] ?? 1);
  });
  const smooth = new Float32Array(values.length);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const x = clamped(((pixel % width) + 0.5) / BLOCK - 0.5, across - 1);
    const y = clamped((Math.floor(pixel / width) + 0.5) / BLOCK - 0.5, down - 1);
    const [i, j] = [Math.floor(x), Math.floor(y)];
    const [right, below] = [Math.min(i + 1, across - 1), Math.min(j + 1, down - 1)];
    for (let c = 0; c < 3; c++) {
      const above = mixed(means[3 * (j * across + i) + c], means[3 * (j * across + right) + c], x - i);
      const under = mixed(
        means[3 * (below * across + i) + c],
        means[3 * (below * across + right) + c],
        x - i,
      );
      smooth[3 * pixel + c] = mixed(above, under, y - j);
    }
  }
  return smooth;
}

/** A picture, `share` of the way to its recoloured self. */
function tint(
  picture: Uint8ClampedArray,
  to: Uint8ClampedArray | undefined,
  share: number,
  into: Float32Array,
): void {
  if (!to) into.set(picture);
  else
    into.forEach((_, i) => {
      into[i] = (picture[i] ?? 0) * (1 - share) + (to[i] ?? 0) * share;
    });
}

/** What is left of the first picture at t where a place that switches at τ takes `duration` to do so. */
function left(t: number, tau: number, duration: number): number {
  const x = clamped((t - tau * (1 - duration)) / duration, 1);
  return 1 - x * x * (3 - 2 * x);
}

function mixed(one = 0, other = 0, share: number): number {
  return one * (1 - share) + other * share;
}

function clamped(x: number, high: number): number {
  return Math.min(Math.max(x, 0), high);
}

function mirrored(at: number, size: number): number {
  const turn = 2 * (size - 1);
  const place = Math.abs(at) % turn;
  return Math.min(place, turn - place);
}
