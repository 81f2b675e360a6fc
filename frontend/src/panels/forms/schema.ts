// An engine's declared parameters as the fields of a form. Nothing here knows an engine.

import type { ParameterSchema, Property } from "../../app/actions";

export type Control =
  | "slider"
  | "number"
  | "choice"
  | "select"
  | "switch"
  | "text"
  | "prompt"
  | "seed"
  | "colour"
  | "point"
  | "line"
  | "json";

export interface Field {
  name: string;
  title: string;
  help: string;
  control: Control;
  whole: boolean;
  minimum: number | null;
  maximum: number | null;
  step: number;
  unit: string;
  options: readonly unknown[];
  longest: number | null;
  /** Whether null, "none", is a value. */
  optional: boolean;
  /** Whether it has to be set, "none" or not, wherever it counts. */
  needed: boolean;
  /** The only values of other fields with which it counts. */
  when: Readonly<Record<string, readonly unknown[]>>;
  /** Of a line that is a camera's way: the fields that say how near it comes and how far it rolls. */
  camera: { zoom?: string; roll?: string } | null;
  fallback: unknown;
}

export type Values = Record<string, unknown>;

/** The fields in their declared order. */
export function fieldsOf(schema: ParameterSchema): Field[] {
  return Object.entries(schema.properties)
    .map(([name, property], place) => ({
      order: property["x-order"] ?? place,
      field: fieldOf(name, property),
    }))
    .sort((one, other) => one.order - other.order)
    .map(({ field }) => field);
}

/** All defaults, with `given` on top where it fits the schema. */
export function startingValues(schema: ParameterSchema, given: Values = {}): Values {
  const values: Values = {};
  for (const field of fieldsOf(schema)) {
    const offered = given[field.name];
    values[field.name] = offered !== undefined && !problem(field, offered) ? offered : field.fallback;
  }
  return values;
}

/** The fields that count with what the others say. */
export function countingFields(schema: ParameterSchema, values: Values): Field[] {
  return fieldsOf(schema).filter((field) => counts(field, values));
}

/** The values as they are sent: what does not count is as if nobody had touched it. */
export function countingValues(schema: ParameterSchema, values: Values): Values {
  const fields = fieldsOf(schema).map((field) => [
    field.name,
    counts(field, values) ? values[field.name] : field.fallback,
  ]);
  return { ...values, ...Object.fromEntries(fields) };
}

function counts(field: Field, values: Values): boolean {
  return Object.entries(field.when).every(([other, allowed]) => allowed.includes(values[other]));
}

/** What is wrong with a value, in a few words; empty when nothing is. */
export function problem(field: Field, value: unknown): string {
  if (value === null) return field.optional && !field.needed ? "" : "needs a value";
  switch (field.control) {
    case "slider":
    case "number":
    case "seed":
      if (typeof value !== "number" || !Number.isFinite(value)) return "needs a number";
      if (field.whole && !Number.isInteger(value)) return "needs a whole number";
      if (field.minimum !== null && value < field.minimum) return `at least ${field.minimum}`;
      if (field.maximum !== null && value > field.maximum) return `at most ${field.maximum}`;
      return "";
    case "choice":
    case "select":
      return field.options.includes(value) ? "" : "not one of the choices";
    case "switch":
      return typeof value === "boolean" ? "" : "on or off";
    case "colour":
      return typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value) ? "" : "needs a colour";
    case "point":
      return Array.isArray(value) && value.length === 2 ? "" : "needs two numbers";
    case "line":
      return Array.isArray(value) && value.length > 1 ? "" : "needs two points";
    case "text":
    case "prompt":
      if (typeof value !== "string") return "needs text";
      return field.longest !== null && value.length > field.longest
        ? `at most ${field.longest} characters`
        : "";
    case "json":
      return "";
  }
}

/** The value that somebody typed as JSON; undefined while it is not valid. */
export function readJson(text: string): unknown {
  try {
    return text.trim() === "" ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldOf(name: string, property: Property): Field {
  const types = Array.isArray(property.type) ? property.type : property.type ? [property.type] : [];
  const type = types.find((one) => one !== "null") ?? "";
  const whole = type === "integer";
  const minimum = property.minimum ?? null;
  const maximum = property.maximum ?? null;
  const control = controlFor(property, type, types);
  const range = minimum !== null && maximum !== null ? maximum - minimum : 1;
  const field: Field = {
    name,
    title: property.title || words(name),
    help: property.description ?? "",
    control,
    whole,
    minimum,
    maximum,
    step: property.multipleOf ?? (whole ? 1 : range > 20 ? 0.1 : 0.01),
    unit: (property as { "x-unit"?: string })["x-unit"] ?? "",
    options: property.enum ?? [],
    longest: property.maxLength ?? null,
    optional: types.includes("null"),
    needed: property["x-needed"] ?? false,
    when: property["x-when"] ?? {},
    camera: property["x-camera"] ?? null,
    fallback: null,
  };
  return { ...field, fallback: property.default !== undefined ? property.default : empty(field) };
}

/** The hint decides where it can; then the type. What is unknown is shown as JSON rather than not at all. */
function controlFor(property: Property, type: string, types: string[]): Control {
  const hint = property["x-ui"] ?? "";
  if (property.enum) return property.enum.length <= 4 && hint !== "select" ? "choice" : "select";
  if (type === "boolean") return "switch";
  if (type === "number" || type === "integer") {
    if (hint === "seed") return "seed";
    const bounded = property.minimum !== undefined && property.maximum !== undefined;
    const narrow = bounded && (property.maximum ?? 0) - (property.minimum ?? 0) <= 100;
    if (types.includes("null")) return "number";
    return bounded && (hint === "slider" || (hint === "" && narrow)) ? "slider" : "number";
  }
  if (type === "string")
    return hint === "prompt" || hint === "colour" ? hint : hint === "color" ? "colour" : "text";
  if (type === "array" && property.items?.type === "number" && property.maxItems === 2) return "point";
  if (type === "array" && property.items?.items?.type === "number" && property.items.maxItems === 2)
    return "line";
  return "json";
}

function empty(field: Field): unknown {
  if (field.optional) return null;
  switch (field.control) {
    case "slider":
    case "number":
    case "seed":
      return field.minimum ?? 0;
    case "choice":
    case "select":
      return field.options[0] ?? null;
    case "switch":
      return false;
    case "colour":
      return "#808080";
    case "text":
    case "prompt":
      return "";
    default:
      return null;
  }
}

function words(name: string): string {
  const text = name.replace(/_/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
