/** Pictures on their way: what was taken back meanwhile is not asked for, and not waited for. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Media } from "./host";
import { Pictures } from "./pictures";
import type { Renderer } from "./renderer";

let asked: { url: string; signal: AbortSignal | undefined }[];
const takes = new Set<string>();
const renderer = { name: "webgl2", setFrame() {} } as unknown as Renderer;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  takes.add("t1");
  vi.stubGlobal("fetch", (url: string, options?: RequestInit) => {
    const signal = options?.signal ?? undefined;
    asked.push({ url, signal });
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function wanting(): Pictures {
  const pictures = new Pictures({} as Media, renderer, () => undefined);
  expect(pictures.fromUrl("strip t1", "/strips/t1", () => takes.has("t1"))).toBeNull();
  return pictures;
}

it("asks for what is there", () => {
  const pictures = wanting();
  pictures.forget();
  pictures.pump(8, 6);
  expect(asked.map((one) => one.url)).toEqual(["/strips/t1"]);
});

it("does not ask for a strip of a take that was taken back before its turn came", () => {
  const pictures = wanting();
  takes.delete("t1");
  pictures.forget();
  pictures.pump(8, 6);
  expect(asked).toEqual([]);
  expect(pictures.waiting).toBe(0);
});

it("gives up the strip of a take that is taken back while it is on its way", async () => {
  const pictures = wanting();
  pictures.pump(8, 6);
  takes.delete("t1");
  pictures.forget();
  expect(asked[0]?.signal?.aborted).toBe(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(pictures.waiting).toBe(0);
});
