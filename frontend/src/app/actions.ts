// Everything a person can do, as panels, keys and menus call it. `App` (app.ts) implements it.
//
// What is plain (moving, naming, deleting …) shows at once and is confirmed later; what takes work shows as a job. Whatever
// fails ends as one toast with the server's error and hint: no action throws.

import type { View } from "../field/host";
import type { Crop, Id, Job, Step } from "../model/rows";

export interface Estimate {
  seconds: number;
  dollars: number;
}

/** One property of an engine's declared schema (JSON Schema with `x-ui` and `x-order`). */
export interface Property {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  /** What the engine suggests. */
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  maxLength?: number;
  items?: Property;
  minItems?: number;
  maxItems?: number;
  "x-ui"?: string;
  "x-order"?: number;
  /** Examples by what they are grouped with. */
  "x-families"?: Record<string, string[]>;
  /** The only values of other parameters with which it counts. */
  "x-when"?: Record<string, unknown[]>;
  /** It has to be set where it counts. */
  "x-needed"?: boolean;
  /** Of a line that is a camera's way: the parameters that say how near it comes and how far it rolls. */
  "x-camera"?: { zoom?: string; roll?: string };
}

export interface ParameterSchema {
  type: "object";
  properties: Record<string, Property>;
}

export interface Engine {
  name: string;
  title: string;
  summary: string;
  tier: "draft" | "final";
  runs_on: "cpu" | "gpu" | "remote";
  operations: Record<string, { algorithm: string; licence: string; parameters: ParameterSchema }>;
  available: boolean;
  missing: string[];
  /** The environment variable of the user's key; "" if it needs none. */
  key: string;
  /** Titles of the settings that it reads, by name. */
  settings: Record<string, string>;
  homepage: string;
  /** From another package, and waits for the user's word. */
  off: boolean;
}

export interface Recipe {
  operation: string;
  algorithm: string;
  engine: string;
  parameters: Record<string, unknown>;
  seed: number;
  roll: number;
  frames: number;
  /** What it was made from: hashes of pixels, and the nodes that show them now. */
  inputs: { role: string; pixels: string; weight: number; node: Id | null; label: string }[];
  /** The same as a line for a terminal. */
  command: string;
  notes: string[];
}

export interface LogLine {
  seq: number;
  actor: string;
  /** ISO 8601, UTC. */
  at: string;
  /** A sentence: "moved 3 nodes". */
  text: string;
  /** What it touched, at most a dozen ids. */
  ids: Id[];
}

/** What finals of a whole path would take. */
export interface Quote extends Estimate {
  edges: number;
  pictures: number;
}

export interface Budget {
  total: number;
  per_request: number | null;
  reserved: number;
  spent: number;
}

export interface Making {
  engine: string;
  parameters: Record<string, unknown>;
  seed: number | null;
}

export interface Mixing {
  nodes: readonly { node: Id; weight: number }[];
  /** `blend`: somewhere between them; `style`: the first as the second would have it. */
  how: "blend" | "style";
  engine: string;
  seed: number | null;
}

export interface Actions {
  view(): View | null;
  engines(): readonly Engine[];
  /** Lets an engine from another package run its author's code, or no longer. */
  allowEngine(name: string, allowed: boolean): Promise<void>;
  /** Keeps the user's key in the system's keyring; "" takes it out. */
  keepKey(engine: string, key: string): Promise<void>;
  keepEngineSetting(name: string, value: string): Promise<void>;
  /** Gives a file, such as a template, to the engine that understands it. */
  teach(file: File): Promise<void>;

  // Pictures in
  bring(files: readonly File[], at: { x: number; y: number } | null): Promise<void>;
  chooseFiles(at?: { x: number; y: number }): void;

  /** Pictures from words, as nodes. */
  generate(making: Making & { prompt: string; count: number }): Promise<void>;

  // Making: results come as candidates of `node`
  vary(node: Id, making: Making & { count: number }): Promise<void>;
  restyle(node: Id, making: Making & { prompt: string; like: Id | null; count: number }): Promise<void>;
  /** One picture of two to four: by weight, or the first one's composition in the second one's style. */
  mix(asked: Mixing): Promise<void>;
  /** An edge between restyled pictures that moves as this one does. */
  restyleEdge(edge: Id, making: Making & { prompt: string; like: Id | null }): Promise<void>;
  /** A video that begins with the picture, as an edge to a new node. */
  animate(node: Id, making: Making & { seconds: number }): Promise<void>;
  /** A loop through a variation of the picture and back; `seconds` is one round. */
  loop(node: Id, making: Making & { seconds: number }): Promise<void>;
  /** Five weathers of a picture, connected in order and saved as a sequence. */
  turnTheWeather(node: Id): Promise<void>;
  /** 24 drafts around a node: variations of rising strength, and looks. */
  spread(node: Id): Promise<void>;
  more(candidate: Id): Promise<void>;
  estimate(operation: string, node: Id, making: Making, seconds?: number): Promise<Estimate | null>;
  keep(candidates: readonly Id[]): void;
  discard(candidates: readonly Id[]): void;

  // Edges
  connect(source: Id, target: Id): void;
  branch(edge: Id, frame: number): Promise<void>;
  heal(node: Id): void;
  /** Renders another take of an edge; with the same parameters it is another roll. */
  renderTake(edge: Id, making: Making): Promise<void>;
  showTake(edge: Id, take: Id): void;
  setSeconds(edge: Id, seconds: number): void;

  // Things
  setFields(id: Id, values: Record<string, unknown>): void;
  rate(ids: readonly Id[], stars: number): void;
  crop(node: Id, crop: Crop): Promise<void>;
  remove(ids: readonly Id[]): void;
  addBoard(ids: readonly Id[]): void;
  addNote(at: { x: number; y: number }, text: string): void;
  /** A note without words is taken away. */
  writeNote(note: Id, text: string): void;
  tidy(ids: readonly Id[]): void;

  // Paths
  enterPathMode(sequence?: Id): void;
  leavePathMode(): void;
  step(target: { kind: "node" | "edge"; id: Id }): void;
  chooseJoint(edge: Id): void;
  acceptProposed(): void;
  setStep(index: number, values: Partial<Step>): void;
  removeStep(index: number): void;
  savePath(name: string): Promise<void>;
  play(steps: readonly Step[], from?: number): void;
  playSequence(sequence: Id): void;
  pause(): void;
  seek(seconds: number): void;
  toggleLoop(): void;
  duplicateSequence(sequence: Id): void;
  exportSequence(sequence: Id, suffix: string): Promise<void>;
  /** Null if it can't be had. */
  quote(sequence: Id, making: Making): Promise<Quote | null>;
  /** Renders finals of all its edges, for at most `most` US dollars. */
  finish(sequence: Id, making: Making, most: number): Promise<void>;

  // Time
  undo(): Promise<void>;
  redo(): Promise<void>;
  log(): Promise<readonly LogLine[]>;
  recipe(id: Id): Promise<Recipe | null>;

  // Jobs
  job(what: "cancel" | "retry" | "pause" | "resume" | "first", ids: readonly Id[]): Promise<void>;
  jobs(): readonly Job[];
  budget(): Promise<Budget | null>;
  setBudget(total: number, perRequest: number | null): Promise<void>;

  // Looking
  select(ids: readonly Id[], how?: "replace" | "add" | "toggle"): void;
  find(text: string): readonly { id: Id; kind: string; label: string }[];
  goTo(id: Id): void;
  setLens(by: "composition" | "style" | null): Promise<void>;
  copy(text: string): Promise<void>;
}
