/**
 * The field of a transition as it is stored: format FKFD, version 1, and version 2 of a field in sand.
 *
 * A field knows how two pictures move and when they switch, in units of the frame, so it can be drawn at any size.
 * The layout and the checks are those of `forkframe/engines/builtin/field.py`.
 */

export const PACE_STEPS = 33;
/** Cells per side of a palette's table. */
export const TABLE_SIDE = 17;

const FORMAT_VERSION = 2;
const MAX_BYTES = 150_000;
const MAX_CELLS_LINEAR = 180 * 180;
const MAX_CELLS_TIMED = 120 * 120;
const HEADER_BYTES = 12;
const GRAINS_BYTES = 12;
const MAGIC = "FKFD";
const MOVE_STEP = 2 ** -15;
const SHARE_STEP = 1 / 65535;
const COLOUR_STEP = 2 ** -13;
const SIZE_STEP = 2 ** -20;

/** What switches when, in a transition between unrelated pictures. */
export interface Timing {
  /** `(rows, columns)`, 0–1: when each place of the half-way frame switches. */
  readonly tau: Float32Array;
  /** `(33,)`, rising, 0–1: the inner time at 33 even moments. */
  readonly pace: Float32Array;
}

/** What a field in sand adds to a metamorphosis; see `forkframe/engines/builtin/sand.py`. */
export interface Grains {
  /** How wide the cell of a grain is, in shares of the square root of the frame's area. */
  readonly size: number;
  /** (x, y), how far it carries the farthest grains, in shares of the frame's width and height. */
  readonly wind: readonly [number, number];
  /** For which share of the time, around its switch, grains of a place are in the air. */
  readonly flight: number;
  /** 32 bits that decide on every single grain. */
  readonly seed: number;
}

/** A transition before it is pixels. */
export interface Field {
  readonly columns: number;
  readonly rows: number;
  /**
   * `(rows, columns, 2)` (x, y): the half-way displacement in shares of the frame's width and height; a(p − v) meets
   * b(p + v). The centre of cell (i, j) is the point ((j + ½)/columns, (i + ½)/rows) of the frame, row 0 at the top.
   */
  readonly v: Float32Array;
  /** Null in a linear field, which blends everything evenly. */
  readonly timing: Timing | null;
  /**
   * The first picture's colours to the second's, and back: `(17, 17, 17, 3)` each, indexed by L, a, b, displacements in
   * Lab divided by 100. Null when the colours are left alone.
   */
  readonly palettes: readonly [Float32Array, Float32Array] | null;
  /** Of a timed field that is drawn in sand; else null. */
  readonly grains: Grains | null;
}

/** The bytes are not a field, are damaged, or come from another version. */
export class FieldUnreadable extends Error {
  override readonly name = "FieldUnreadable";
}

/**
 * The field that a file holds.
 *
 * @throws FieldUnreadable says why it can't be read and what to do.
 */
export async function parseField(file: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<Field> {
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  if (bytes.length <= HEADER_BYTES || bytes.length > MAX_BYTES) {
    throw damaged(`${bytes.length} bytes can't be one`);
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== MAGIC) throw damaged("it does not begin like one");
  const version = header.getUint16(4, true);
  if (version < 1 || version > FORMAT_VERSION) {
    throw new FieldUnreadable(
      `a transition field of version ${version} can't be read, only up to version ${FORMAT_VERSION}: ` +
        "update Forkframe, or render the edge again",
    );
  }
  const [kind, coloured] = [header.getUint8(6), header.getUint8(7)];
  const [rows, columns] = [header.getUint16(8, true), header.getUint16(10, true)];
  const cells = rows * columns;
  if (
    kind > 1 ||
    coloured > kind ||
    version > kind + 1 ||
    Math.min(rows, columns) < 2 ||
    cells > (kind ? MAX_CELLS_TIMED : MAX_CELLS_LINEAR)
  ) {
    throw damaged("its header contradicts itself");
  }
  const grains = version === 2 ? grainsIn(bytes.subarray(HEADER_BYTES)) : null;
  const body = bytes.subarray(HEADER_BYTES + (grains ? GRAINS_BYTES : 0));
  const table = TABLE_SIDE ** 3;
  const values = 2 * cells + kind * (cells + PACE_STEPS) + coloured * 2 * 3 * table;
  const steps = new DataView((await inflated(body, 2 * values)).buffer);
  const next = reader(steps);
  const v = interleaved(next(2 * cells, MOVE_STEP, true), 2);
  if (!kind) return { columns, rows, v, timing: null, palettes: null, grains: null };
  const tau = next(cells, SHARE_STEP, false);
  const pace = next(PACE_STEPS, SHARE_STEP, false);
  if (pace.some((moment, i) => moment < (pace[i - 1] ?? 0))) throw damaged("its time runs backwards");
  const palette = (): Float32Array => interleaved(next(3 * table, COLOUR_STEP, true), 3);
  const palettes = coloured ? ([palette(), palette()] as const) : null;
  return { columns, rows, v, timing: { tau, pace }, palettes, grains };
}

/** The inner time of the moment t, 0–1: in a timed field one in which even steps make even visible changes. */
export function innerTime(field: Field, t: number): number {
  const pace = field.timing?.pace;
  if (!pace) return t;
  const place = Math.min(Math.max(t, 0), 1) * (PACE_STEPS - 1);
  const i = Math.min(Math.floor(place), PACE_STEPS - 2);
  const [before, after] = [pace[i] ?? 0, pace[i + 1] ?? 1];
  return before + (after - before) * (place - i);
}

function grainsIn(bytes: Uint8Array): Grains {
  if (bytes.length < GRAINS_BYTES) throw damaged("its header is cut off");
  const data = new DataView(bytes.buffer, bytes.byteOffset, GRAINS_BYTES);
  const size = data.getUint16(0, true) * SIZE_STEP;
  const flight = data.getUint16(6, true) * SHARE_STEP;
  if (!size || !flight) throw damaged("its header contradicts itself");
  const wind = [data.getInt16(2, true) * MOVE_STEP, data.getInt16(4, true) * MOVE_STEP] as const;
  return { size, wind, flight, seed: data.getUint32(8, true) };
}

/** Reads arrays one after the other: 16-bit values, each stored as the difference (modulo 2¹⁶) to the one before. */
function reader(data: DataView): (count: number, step: number, signed: boolean) => Float32Array {
  let at = 0;
  return (count, step, signed) => {
    const values = new Float32Array(count);
    let value = 0;
    for (let i = 0; i < count; i++, at += 2) {
      value = (value + data.getUint16(at, true)) & 0xffff;
      values[i] = (signed ? (value << 16) >> 16 : value) * step;
    }
    return values;
  };
}

/** `(channels, …)` as `(…, channels)`. */
function interleaved(planes: Float32Array, channels: number): Float32Array {
  const size = planes.length / channels;
  return planes.map((_, i) => planes[(i % channels) * size + Math.floor(i / channels)] ?? 0);
}

/** Exactly `size` bytes; never keeps more than a piece beyond them. */
async function inflated(data: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const unpacked = new Uint8Array(size);
  const pieces = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  let at = 0;
  try {
    for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
      if (at + piece.value.length > size) throw damaged("it holds too much or too little");
      unpacked.set(piece.value, at);
      at += piece.value.length;
    }
  } catch (error) {
    pieces.cancel().catch(() => undefined); // the stream may have failed already; that is being reported
    if (error instanceof FieldUnreadable) throw error;
    throw damaged("its data can't be unpacked");
  }
  // Not every implementation of the stream minds bytes after its end, so the checksum must be the very last four.
  const end = new DataView(data.buffer, data.byteOffset + data.length - 4, 4);
  if (at !== size || end.getUint32(0) !== adler32(unpacked)) throw damaged("it holds too much or too little");
  return unpacked;
}

/** The checksum of zlib (RFC 1950). */
function adler32(data: Uint8Array): number {
  let [low, high] = [1, 0];
  for (const byte of data) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return ((high << 16) | low) >>> 0;
}

function damaged(why: string): FieldUnreadable {
  return new FieldUnreadable(`a transition field can't be read: ${why}: render the edge again`);
}
