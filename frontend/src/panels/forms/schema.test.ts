// The form shows what an engine declares: every parameter, in order, with a control that fits.

import { describe, expect, it } from "vitest";
import type { ParameterSchema, Property } from "../../app/actions";
import { fieldsOf, problem, readJson, startingValues } from "./schema";

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
