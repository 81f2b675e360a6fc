/** Others are known by their names, and nobody but oneself is "you". */

import { expect, it } from "vitest";
import { called } from "./own";

it.each([
  [["you"], ["someone"]],
  [
    ["Ann", "you"],
    ["Ann", "someone"],
  ],
  [
    ["you", "Ann", "you"],
    ["guest 1", "Ann", "guest 2"],
  ],
])("%s", (told, shown) => {
  expect(called(told.map((name) => ({ name }))).map((one) => one.name)).toEqual(shown);
});
