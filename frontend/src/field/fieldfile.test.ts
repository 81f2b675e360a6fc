/** Field files: what is stored is read back; what is damaged is refused, saying why. */

import { describe, expect, it } from "vitest";
import { FieldUnreadable, innerTime, PACE_STEPS, parseField, TABLE_SIDE } from "./fieldfile";

const TABLE = 3 * TABLE_SIDE ** 3;

interface Header {
  magic?: string;
  version?: number;
  kind?: number;
  coloured?: number;
  rows?: number;
  columns?: number;
  /** What a field in sand has after that. */
  grains?: readonly [size: number, x: number, y: number, flight: number, seed: number];
}

/** Steps as a file stores them: each as the difference to the one before it, modulo 2¹⁶. */
function stored(steps: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer(2 * steps.length));
  steps.forEach((step, i) => {
    bytes.setUint16(2 * i, (step - (steps[i - 1] ?? 0)) & 0xffff, true);
  });
  return new Uint8Array(bytes.buffer);
}

async function file(
  arrays: number[][],
  header: Header = {},
  after: Uint8Array<ArrayBuffer> = new Uint8Array(),
): Promise<ArrayBuffer> {
  const { magic = "FKFD", version = 1, kind = 0, coloured = 0, rows = 2, columns = 3 } = header;
  const head = new DataView(new ArrayBuffer(12));
  [...magic].forEach((letter, i) => {
    head.setUint8(i, letter.charCodeAt(0));
  });
  head.setUint16(4, version, true);
  head.setUint8(6, kind);
  head.setUint8(7, coloured);
  head.setUint16(8, rows, true);
  head.setUint16(10, columns, true);
  const body = new Blob(arrays.map(stored)).stream().pipeThrough(new CompressionStream("deflate"));
  const grains = new DataView(new ArrayBuffer(header.grains ? 12 : 0));
  header.grains?.forEach((value, i) => {
    if (i === 4) grains.setUint32(8, value, true);
    else grains.setInt16(2 * i, value, true);
  });
  return new Blob([head, grains, await new Response(body).arrayBuffer(), after]).arrayBuffer();
}

async function cut(bytes: Promise<ArrayBuffer>, end: number): Promise<ArrayBuffer> {
  return (await bytes).slice(0, end);
}

const V = [-32768, 0, 16384, 1, 2, 3, 32767, -1, -2, -3, 8192, 0];
const TAU = [0, 65535, 13107, 1, 65535, 0];
const PACE = Array.from({ length: PACE_STEPS }, (_, i) => Math.round(((i / 32) ** 2 * 65535) | 0));

describe("a field file", () => {
  it("of a linear field gives its displacements, x and y side by side", async () => {
    const field = await parseField(await file([V]));
    const step = 2 ** -15;
    expect(field).toEqual({
      columns: 3,
      rows: 2,
      v: Float32Array.from([
        -1,
        32767 * step,
        0,
        -step,
        0.5,
        -2 * step,
        step,
        -3 * step,
        2 * step,
        0.25,
        3 * step,
        0,
      ]),
      timing: null,
      palettes: null,
      grains: null,
    });
  });

  it("of a timed field gives when places switch, the pace, and both palettes with L, a, b side by side", async () => {
    const table = Array.from({ length: TABLE }, (_, i) =>
      i < TABLE / 3 ? 8192 : i < (2 * TABLE) / 3 ? -4096 : i % 7,
    );
    const field = await parseField(
      await file([V, TAU, PACE, table, table.map((x) => -x)], { kind: 1, coloured: 1 }),
    );
    expect(Array.from(field.timing?.tau ?? []).map((x) => Math.round(x * 65535))).toEqual(TAU);
    expect(Array.from(field.timing?.pace ?? []).map((x) => Math.round(x * 65535))).toEqual(PACE);
    const [there, back] = field.palettes ?? [];
    const blue = (2 * TABLE) / 3 + 1; // where the third plane has the second cell
    expect(Array.from(there?.subarray(3, 6) ?? [])).toEqual([1, -0.5, (blue % 7) / 8192]);
    expect(Array.from(back?.subarray(3, 6) ?? [])).toEqual([-1, 0.5, -(blue % 7) / 8192]);
  });

  it("of a field in sand gives its grains", async () => {
    const grains = [4806, -4096, 16384, -32768, 0xfedcba98] as const;
    const field = await parseField(await file([V, TAU, PACE], { version: 2, kind: 1, grains }));
    const expected = { size: 4806 / 2 ** 20, wind: [-0.125, 0.5], flight: 32768 / 65535, seed: 0xfedcba98 };
    expect(field.grains).toEqual(expected);
    expect(Array.from(field.timing?.tau ?? []).map((x) => Math.round(x * 65535))).toEqual(TAU);
  });

  it("says at which pace time runs", async () => {
    const field = await parseField(await file([V, TAU, PACE], { kind: 1 }));
    expect(innerTime(field, 0)).toBe(0);
    expect(innerTime(field, 0.5)).toBeCloseTo(0.25, 4);
    expect(innerTime(field, 1)).toBe(1);
    expect(innerTime(await parseField(await file([V])), 0.3)).toBe(0.3);
  });

  it.each([
    ["is too short", new ArrayBuffer(12), "12 bytes can't be one"],
    ["is too long", new ArrayBuffer(150_001), "150001 bytes can't be one"],
    ["is something else", file([V], { magic: "RIFF" }), "does not begin like one"],
    [
      "is newer",
      file([V], { version: 3 }),
      "version 3 can't be read, only up to version 2: update Forkframe",
    ],
    ["has an unknown kind", file([V], { kind: 2 }), "contradicts itself"],
    ["has palettes but no time", file([V], { coloured: 1 }), "contradicts itself"],
    ["has a grid of one row", file([V], { rows: 1, columns: 6 }), "contradicts itself"],
    ["has a grid too large", file([V], { rows: 181, columns: 180 }), "contradicts itself"],
    ["has a timed grid too large", file([V], { kind: 1, rows: 121, columns: 120 }), "contradicts itself"],
    ["holds too little", file([V.slice(1)]), "too much or too little"],
    ["holds too much", file([[...V, 0]]), "too much or too little"],
    // Some browsers refuse to unpack it, in others it is noticed afterwards.
    ["goes on after its end", file([V], {}, new Uint8Array(9)), /too much or too little|can't be unpacked/],
    ["is cut off", cut(file([V]), -3), "can't be unpacked"],
    [
      "is no zlib",
      new Blob(["FKFD", Uint8Array.of(1, 0, 0, 0, 2, 0, 3, 0), "not zlib"]).arrayBuffer(),
      "can't be unpacked",
    ],
    ["is sand without time", file([V], { version: 2, grains: [1, 0, 0, 1, 0] }), "contradicts itself"],
    [
      "has grains of no size",
      file([V, TAU, PACE], { version: 2, kind: 1, grains: [0, 0, 0, 1, 0] }),
      "contradicts itself",
    ],
    [
      "has flights of no time",
      file([V, TAU, PACE], { version: 2, kind: 1, grains: [1, 0, 0, 0, 0] }),
      "contradicts itself",
    ],
    ["is cut off in its grains", cut(file([V, TAU, PACE], { version: 2, kind: 1 }), 20), "is cut off"],
    ["runs backwards", file([V, TAU, PACE.toReversed()], { kind: 1 }), "time runs backwards"],
  ])("that %s is refused", async (_, damaged, why: string | RegExp) => {
    const refusal = await parseField(await damaged).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(FieldUnreadable);
    expect(String(refusal)).toMatch(why);
  });
});
