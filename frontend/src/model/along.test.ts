/** The camera that the page shows is the one that is filmed. */

import { describe, expect, it } from "vitest";
import { type Point, viewsAlong } from "./along";
import written from "./along.cases.json";

interface Case {
  name: string;
  line: Point[];
  zoom: number;
  roll: number;
  aspect: number;
  states: number[][];
}

const cases = written as unknown as Case[];

describe("a camera along a line", () => {
  it.each(cases)("$name, $zoom× and $roll°, is where the engine has it", (one) => {
    const views = viewsAlong(one.line, { ...one, frames: 5 });
    const found = views.map(({ x, y, scale, turn }) => [x, y, Math.log(scale), turn]);
    for (const [i, state] of one.states.entries()) {
      for (const [k, value] of state.entries()) expect(found[i]?.[k]).toBeCloseTo(value, 3);
    }
  });
});
