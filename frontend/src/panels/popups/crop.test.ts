// The window that one sees while reframing is the window that is cut.

import { expect, it } from "vitest";
import type { Crop } from "../../model/rows";
import { moved, windowOf, zoomed } from "./crop";

const crop = (values: Partial<Crop> = {}): Crop => ({ fit: "cover", focus: [0.5, 0.5], zoom: 1, ...values });

it("cover takes the largest window of the frame's shape, as near to the focus as the borders allow", () => {
  expect(windowOf(crop(), [600, 400], 1)).toEqual({ x: 100, y: 0, width: 400, height: 400 });
  expect(windowOf(crop({ focus: [1, 0] }), [600, 400], 1)).toEqual({ x: 200, y: 0, width: 400, height: 400 });
  expect(windowOf(crop({ zoom: 2 }), [400, 600], 2)).toEqual({ x: 100, y: 250, width: 200, height: 100 });
});

it("moving stops at the borders, and moving back starts at once", () => {
  const far = moved(crop(), [600, 400], 1, 1e6, 50);
  expect(windowOf(far, [600, 400], 1).x).toBe(200);
  expect(windowOf(moved(far, [600, 400], 1, -10, 0), [600, 400], 1).x).toBeCloseTo(190);
});

it("zooming stays within what the server takes", () => {
  expect([zoomed(crop(), 0.2).zoom, zoomed(crop(), 99).zoom]).toEqual([1, 16]);
});
