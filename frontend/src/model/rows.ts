// The rows of a workspace as the server sends them. Ids name rows; hashes name media.

export type Id = string;
export type Hash = string;

export interface Frame {
  width: number;
  height: number;
  /** An exact fraction, such as "24" or "30000/1001". */
  fps: string;
}

export interface Crop {
  fit: "cover" | "contain";
  /** The point of the picture to keep in view, 0–1 in x and y. */
  focus: [number, number];
  /** From 1. */
  zoom: number;
}

export interface Settings {
  /** Always "workspace". */
  id: Id;
  frame: Frame | null;
  fps: string;
  background: [number, number, number];
}

/** An image. x and y are the centre of its picture, in canvas units (CSS pixels at zoom 1), y downwards. */
export interface Node {
  id: Id;
  picture: Hash;
  size: [number, number];
  /** The hash of its pixels as they sit in the frame. */
  framed: Hash;
  x: number;
  y: number;
  crop: Crop;
  label: string;
  rating: number;
  active: Id | null;
  cut: { edge: Id; frame: number; halves: [Id, Id] } | null;
  was: Hash[];
}

export interface Edge {
  id: Id;
  source: Id;
  target: Id;
  /** Both ends included. */
  frames: number;
  engine: string;
  parameters: Record<string, unknown>;
  label: string;
  roll: number;
  /** The pictures between which it moves; none for those of its own nodes. */
  motion: Hash[];
  active: Id | null;
  hidden: boolean;
}

/** What an engine made; its full recipe is asked for when somebody wants to see it. */
export interface Rendering {
  id: Id;
  algorithm: string;
  frames: number;
  picture: Hash | null;
  pixels: Hash | null;
  field: Hash | null;
  video: Hash | null;
  /** Of the frame it was made for: [width, height, fps]. */
  frame: [number, number, string];
  seed: number;
  notes: string[];
}

export interface Take {
  id: Id;
  owner: Id;
  rendering: Id | null;
  first: number;
  last: number;
  ends: Hash[];
  tier: "draft" | "final";
  failure: string;
}

/** A named region: x and y are its top left corner. */
export interface Board {
  id: Id;
  name: string;
  x: number;
  y: number;
  width: number;
  height: number;
  colour: string;
}

export interface Step {
  edge: Id;
  reverse: boolean;
  take: Id | null;
  speed: number;
  /** Frames that the picture at its end stands still. */
  hold: number;
}

export interface Sequence {
  id: Id;
  name: string;
  steps: Step[];
}

/** A result that is not a node yet: it lies folded in the tray of the node it was made from. */
export interface Candidate {
  id: Id;
  node: Id;
  rendering: Id;
  label: string;
}

export interface Note {
  id: Id;
  text: string;
  x: number;
  y: number;
  width: number;
  colour: string;
}

export interface Tables {
  settings: Settings;
  nodes: Node;
  edges: Edge;
  renderings: Rendering;
  takes: Take;
  boards: Board;
  sequences: Sequence;
  candidates: Candidate;
  notes: Note;
}
export type Table = keyof Tables;
export type Row = Tables[Table];
export const TABLES: readonly Table[] = [
  "settings",
  "nodes",
  "edges",
  "renderings",
  "takes",
  "boards",
  "sequences",
  "candidates",
  "notes",
];

/** One row after a change; null where it was deleted. */
export type Edit = { [T in Table]: { table: T; id: Id; row: Tables[T] | null } }[Table];

export type JobState =
  | "queued"
  | "waiting"
  | "paused"
  | "running"
  | "cancelling"
  | "done"
  | "failed"
  | "cancelled";

export interface Job {
  id: Id;
  kind: string;
  title: string;
  /** The edge, node or sequence that it is for. */
  subject: Id;
  engine: string;
  state: JobState;
  /** 0–1. */
  share: number;
  doing: string;
  /** Whether /api/jobs/ID/preview has a picture just now. */
  preview: boolean;
  attempts: number;
  seconds: number;
  dollars: number;
  failure: string;
  hint: string;
  remote: string;
  parent: Id;
  created: string;
  took: number;
  story: string[];
  /** What it brought, such as {path, frames, seconds} of a film. */
  result: Record<string, unknown>;
}

export function isOpen(job: Job): boolean {
  return !["done", "failed", "cancelled"].includes(job.state);
}
