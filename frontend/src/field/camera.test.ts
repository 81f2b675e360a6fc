/** The camera: what is under the pointer stays there, what is asked for is in view. */

import { describe, expect, it } from "vitest";
import { Camera, FARTHEST, NEAREST } from "./camera";

function camera(x = 120, y = -40, zoom = 0.7): Camera {
  return Object.assign(new Camera(), { x, y, zoom, width: 1440, height: 900 });
}

describe("the camera", () => {
  it("maps the screen to the canvas and back", () => {
    const at = { x: 311, y: -57 };
    const back = camera().toCanvas(camera().toScreen(at));
    expect(back.x).toBeCloseTo(at.x);
    expect(back.y).toBeCloseTo(at.y);
  });

  it.each([0.5, 1.3, 4])("keeps the point under the pointer where it is, zooming by %f", (factor) => {
    const eye = camera();
    const pointer = { x: 1000, y: 130 };
    const before = eye.toCanvas(pointer);
    eye.zoomAt(factor, pointer);
    const after = eye.toScreen(before);
    expect(after.x).toBeCloseTo(pointer.x);
    expect(after.y).toBeCloseTo(pointer.y);
  });

  it("zooms neither beyond its nearest nor its farthest", () => {
    const eye = camera();
    eye.zoomAt(1e9, { x: 0, y: 0 });
    expect(eye.zoom).toBe(NEAREST);
    eye.zoomAt(1e-9, { x: 0, y: 0 });
    expect(eye.zoom).toBe(FARTHEST);
  });

  it("pans by pixels of the screen at any zoom", () => {
    const eye = camera();
    const point = { x: 5, y: 5 };
    const before = eye.toScreen(point);
    eye.pan(30, -12);
    const after = eye.toScreen(point);
    expect([before.x - after.x, before.y - after.y].map(Math.round)).toEqual([30, -12]);
  });

  it("glides to where a box is all in view", () => {
    const eye = camera();
    const box = { x: -3000, y: 100, width: 4000, height: 900 };
    eye.fit(box, 1, 0);
    expect(eye.step(100)).toBe(true);
    while (eye.step(10_000));
    expect(eye.left).toBeLessThan(box.x);
    expect(eye.right).toBeGreaterThan(box.x + box.width);
    expect(eye.top).toBeLessThan(box.y);
    expect(eye.bottom).toBeGreaterThan(box.y + box.height);
    expect(eye.x).toBe(-1000);
  });

  it("never comes nearer to a small box than it was told", () => {
    const eye = camera();
    eye.fit({ x: 0, y: 0, width: 1, height: 1 }, 1.5, null);
    expect(eye.zoom).toBe(1.5);
  });

  const clear = { left: 24, top: 64, right: 384, bottom: 24 };

  it.each([
    { x: -2000, y: 0, width: 300, height: 200 },
    { x: 900, y: 500, width: 900, height: 500 },
    { x: -3000, y: -3000, width: 9000, height: 300 },
  ])("brings a box clear of the panels: $x, $y, $width × $height", (box) => {
    const eye = camera();
    eye.reveal(box, 0, clear);
    while (eye.step(10_000));
    const [from, to] = [eye.toScreen(box), eye.toScreen({ x: box.x + box.width, y: box.y + box.height })];
    expect(from.x).toBeGreaterThanOrEqual(clear.left - 1e-6);
    expect(from.y).toBeGreaterThanOrEqual(clear.top - 1e-6);
    expect(to.x).toBeLessThanOrEqual(1440 - clear.right + 1e-6);
    expect(to.y).toBeLessThanOrEqual(900 - clear.bottom + 1e-6);
    expect(eye.zoom).toBe(Math.min(0.7, (1440 - 24 - 384) / box.width, (900 - 64 - 24) / box.height));
  });

  it("leaves alone what is in view already, and a way back leads where it was", () => {
    const eye = camera();
    eye.reveal({ x: 0, y: 0, width: 100, height: 100 }, 0, clear);
    expect(eye.step(10)).toBe(false);
    const home = eye.pose;
    eye.fit({ x: 5000, y: 0, width: 1000, height: 1000 }, 1, null);
    eye.go(home, null);
    expect([eye.x, eye.y, eye.zoom]).toEqual([120, -40, 0.7]);
  });
});
