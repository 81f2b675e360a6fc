// What somebody is about to make: engine, parameters and seed, what it will take, and what was set the last time.

import { useEffect, useState } from "react";
import type { Engine, Estimate, Making, ParameterSchema } from "../../app/actions";
import type { Id } from "../../model/rows";
import { useActions, useRead } from "../context";
import { countingFields, countingValues, problem, startingValues, type Values } from "../forms/schema";

const NOTHING: ParameterSchema = { type: "object", properties: {} };

/** Values for the next form that opens, from the recipe of something that was made before. */
let prefill: { operation: string; making: Partial<Making> } | null = null;
export function fillNext(operation: string, making: Partial<Making>): void {
  prefill = { operation, making };
}

export interface MakingForm {
  engines: readonly Engine[];
  engine: Engine | undefined;
  chooseEngine(name: string): void;
  schema: ParameterSchema;
  values: Values;
  setValues(values: Values): void;
  seed: number | null;
  setSeed(seed: number | null): void;
  /** Ready for the actions. */
  making: Making;
  estimate: Estimate | null;
  sound: boolean;
}

/** The form of an operation on `subject`. Each operation remembers the engine and the values it was last used with. */
export function useMaking(
  operation: string,
  subject: Id,
  start?: Partial<Making>,
  seconds?: number,
): MakingForm {
  const actions = useActions();
  const known = useRead((studio) => studio.actions.engines());
  const engines = known.filter((engine) => operation in engine.operations);
  const [given] = useState(() => start ?? taken(operation) ?? remembered(operation));
  const [chosen, setChosen] = useState<string | null>(null);
  const [edited, setEdited] = useState<Values | null>(null);
  const [seed, setSeed] = useState<number | null>(given.seed ?? null);
  const wished = chosen ?? given.engine ?? actions.engineFor(operation);
  const usable = engines.filter((engine) => engine.available);
  const engine = engines.find((one) => one.name === wished) ?? usable[0] ?? engines[0];
  const schema = engine?.operations[operation]?.parameters ?? NOTHING;
  const values = startingValues(schema, edited ?? given.parameters);
  const making = { engine: engine?.name ?? "", parameters: countingValues(schema, values), seed };
  const sound =
    engine?.available === true &&
    countingFields(schema, values).every((one) => !problem(one, values[one.name]));
  return {
    engines,
    engine,
    chooseEngine: (name) => {
      actions.chooseEngine(operation, name);
      setEdited(values);
      setChosen(name);
    },
    schema,
    values,
    setValues: setEdited,
    seed,
    setSeed,
    making,
    estimate: useEstimate(operation, subject, making, sound, seconds),
    sound,
  };
}

/** Keeps what was just used for the next time. */
export function remember(operation: string, making: Making): void {
  const { engine, parameters } = making;
  write(`forkframe.making.${operation}`, { engine, parameters });
}

/** Prompts that were used before, newest first. */
export function recentPrompts(): string[] {
  const kept = read("forkframe.prompts");
  return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === "string") : [];
}

export function rememberPrompt(prompt: string): void {
  const text = prompt.trim();
  if (text) write("forkframe.prompts", [text, ...recentPrompts().filter((one) => one !== text)].slice(0, 12));
}

function useEstimate(
  operation: string,
  subject: Id,
  making: Making,
  sound: boolean,
  seconds?: number,
): Estimate | null {
  const actions = useActions();
  const [estimate, setEstimate] = useState<Estimate | null>(null);
  const asked = JSON.stringify(making);
  useEffect(() => {
    if (!sound) return setEstimate(null);
    let current = true;
    const timer = window.setTimeout(async () => {
      const answer = await actions.estimate(operation, subject, JSON.parse(asked) as Making, seconds);
      if (current) setEstimate(answer);
    }, 200);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [actions, operation, subject, asked, sound, seconds]);
  return estimate;
}

function taken(operation: string): Partial<Making> | null {
  const next = prefill?.operation === operation ? prefill.making : null;
  if (next) prefill = null;
  return next;
}

function remembered(operation: string): Partial<Making> {
  const kept = read(`forkframe.making.${operation}`);
  return kept && typeof kept === "object" ? (kept as Partial<Making>) : {};
}

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** A browser that keeps nothing only forgets. */
function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    return;
  }
}
