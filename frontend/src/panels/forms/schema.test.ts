// The form shows what an engine declares: every parameter, in order, with a control that fits.

import { describe, expect, it } from "vitest";
import type { ParameterSchema, Property } from "../../app/actions";
import { countingFields, countingValues, fieldsOf, problem, readJson, startingValues } from "./schema";

function only(property: Property) {
  const field = fieldsOf({ type: "object", properties: { it: property } })[0];
  if (!field) throw new Error("no field");
  return field;
}

const SCHEMA: ParameterSchema = {
  type: "object",
  properties: {
    seed: { type: "integer", minimum: 0, "x-ui": "seed", "x-order": 3 },
    strength: {
      type: "number",
      minimum: 0,
      maximum: 1,
      default: 0.5,
      title: "How far",
      "x-ui": "slider",
      "x-order": 0,
    },
    palette: { type: "string", enum: ["auto", "on", "off"], default: "auto", "x-order": 1 },
    keep_colour: { type: "boolean", default: true, "x-order": 2 },
  },
};

describe("fields", () => {
  it("stand in the declared order, whatever the order of the keys", () => {
    expect(fieldsOf(SCHEMA).map((field) => field.name)).toEqual([
      "strength",
      "palette",
      "keep_colour",
      "seed",
    ]);
  });

  it("without a title are named after the parameter", () => {
    expect(fieldsOf(SCHEMA)[2]?.title).toBe("Keep colour");
  });

  it.each<[Property, string]>([
    [{ type: "number", minimum: 0, maximum: 1 }, "slider"],
    [{ type: "number" }, "number"],
    [{ type: "integer", minimum: 0, maximum: 2 ** 31 }, "number"],
    [{ type: "integer", minimum: 0, maximum: 2 ** 31, "x-ui": "slider" }, "slider"],
    [{ type: "integer", "x-ui": "seed" }, "seed"],
    [{ type: ["number", "null"], minimum: 0, maximum: 1 }, "number"],
    [{ type: "string", enum: ["a", "b"] }, "choice"],
    [{ type: "string", enum: ["a", "b", "c", "d", "e"] }, "select"],
    [{ type: "boolean" }, "switch"],
    [{ type: "string" }, "text"],
    [{ type: "string", "x-ui": "prompt" }, "prompt"],
    [{ type: "string", "x-ui": "colour" }, "colour"],
    [{ type: "string", "x-ui": "something new" }, "text"],
    [{ type: ["array", "null"], items: { type: "number" }, minItems: 2, maxItems: 2 }, "point"],
    [{ type: "array", items: { type: "object" } }, "json"],
    [{}, "json"],
  ])("%j is a %s", (property, control) => {
    expect(only(property).control).toBe(control);
  });
});

describe("starting values", () => {
  it("are the defaults, or the least that is allowed", () => {
    expect(startingValues(SCHEMA)).toEqual({ strength: 0.5, palette: "auto", keep_colour: true, seed: 0 });
  });

  it("take over what was used before where it still fits, and nothing else", () => {
    const given = { strength: 0.9, palette: "gone", seed: 1.5, unknown: true };
    expect(startingValues(SCHEMA, given)).toEqual({
      strength: 0.9,
      palette: "auto",
      keep_colour: true,
      seed: 0,
    });
  });

  it("of something that may be none are null", () => {
    expect(startingValues({ type: "object", properties: { mask: { type: ["string", "null"] } } })).toEqual({
      mask: null,
    });
  });
});

describe("a problem", () => {
  it.each<[Property, unknown, string]>([
    [{ type: "number", minimum: 0, maximum: 1 }, 1.01, "at most 1"],
    [{ type: "number", minimum: 0, maximum: 1 }, -1, "at least 0"],
    [{ type: "number", minimum: 0, maximum: 1 }, Number.NaN, "needs a number"],
    [{ type: "integer" }, 1.5, "needs a whole number"],
    [{ type: "string", maxLength: 3 }, "four", "at most 3 characters"],
    [{ type: "string" }, null, "needs a value"],
    [{ type: "string", enum: ["a"] }, "b", "not one of the choices"],
    [{ type: ["string", "null"] }, null, ""],
    [{ type: "number", minimum: 0, maximum: 1 }, 1, ""],
  ])("of %j with %j: %s", (property, value, wrong) => {
    expect(problem(only(property), value)).toBe(wrong);
  });
});

it("JSON that is not finished yet is no value", () => {
  expect([readJson("[1,"), readJson("[1]"), readJson(" ")]).toEqual([undefined, [1], null]);
});

describe("fields that count only with others", () => {
  const schema: ParameterSchema = {
    type: "object",
    properties: {
      camera: { type: "string", enum: ["push in", "along a line"], default: "push in", "x-order": 0 },
      amount: { type: "number", minimum: 0, maximum: 1, default: 0.5, "x-when": { camera: ["push in"] } },
      way: {
        type: ["array", "null"],
        items: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 },
        default: null,
        "x-when": { camera: ["along a line"] },
        "x-needed": true,
      },
    },
  };
  const names = (values: Record<string, unknown>) => countingFields(schema, values).map(({ name }) => name);

  it("are shown with those, and sent as if untouched with all others", () => {
    expect(names({ camera: "push in" })).toEqual(["camera", "amount"]);
    expect(names({ camera: "along a line" })).toEqual(["camera", "way"]);
    const values = { camera: "along a line", amount: 0.9, way: [] };
    expect(countingValues(schema, values)).toEqual({ camera: "along a line", amount: 0.5, way: [] });
  });

  it("are lines where the schema says so, and may be needed", () => {
    const way = fieldsOf(schema).find(({ name }) => name === "way");
    if (!way) throw new Error("no way");
    expect(way.control).toBe("line");
    expect([
      problem(way, null),
      problem(way, [[0, 0]]),
      problem(way, [
        [0, 0],
        [1, 1],
      ]),
    ]).toEqual(["needs a value", "needs two points", ""]);
  });
});
