// What one tab shows and does just now: nothing of it is kept with the workspace.

import type { Point, Target } from "../field/host";
import type { Candidate, Id, Step } from "../model/rows";

/** A step of the path that is being made; `proposed` ones were put in by the program and are dashed until accepted. */
export interface DraftStep extends Step {
  proposed: boolean;
}

/** A joint of the path in the making that several edges, or none, could fill. */
export interface OpenJoint {
  source: Id;
  target: Id;
  /** Edges that would do; none: offer to connect now. */
  edges: Id[];
}

export interface PathDraft {
  /** The saved sequence that is being edited; null for a new one. */
  sequence: Id | null;
  name: string;
  /** The node it starts at, as long as there is no step. */
  start: Id | null;
  steps: DraftStep[];
  joint: OpenJoint | null;
  loop: boolean;
}

/** What is being played: an edge by resting or scrubbing, or a path by the player. */
export type Playing =
  | { what: "edge"; edge: Id; t: number }
  | { what: "path"; steps: Step[]; seconds: number; running: boolean; loop: boolean }
  | null;

export type Side = "inspector" | "sequences" | "history" | "jobs" | "search" | null;

/** A small window at a place of the screen. */
export type Popup =
  | { kind: "menu"; target: Target; at: Point; screen: Point }
  | { kind: "offer"; source: Id; at: Point; screen: Point }
  | { kind: "generate" }
  | { kind: "engines" }
  | { kind: "vary"; node: Id }
  | { kind: "animate"; node: Id }
  | { kind: "loop"; node: Id }
  | { kind: "mix"; nodes: readonly Id[] }
  | { kind: "restyle"; node: Id; like: Id | null; words?: string }
  | { kind: "reframe"; node: Id }
  | { kind: "recipe"; id: Id }
  | { kind: "compare"; node: Id; candidate: Candidate["id"] }
  | { kind: "takes"; edge: Id }
  | { kind: "compareSequences"; one: Id; other: Id }
  | { kind: "export"; sequence: Id }
  | { kind: "finish"; sequence: Id }
  | { kind: "edit"; id: Id; field: "label" | "name" | "text" }
  /** A note that is not made before something is written. */
  | { kind: "note"; at: Point }
  | { kind: "find" }
  | { kind: "shortcuts" }
  | null;

export interface Toast {
  key: number;
  tone: "plain" | "good" | "bad";
  text: string;
  hint: string;
  /** A link or a button in it. */
  action: { title: string; run(): void } | null;
}

export interface Ui {
  selection: ReadonlySet<Id>;
  /** The one thing that has the keyboard's focus on the canvas. */
  focus: Id | null;
  mode: "wander" | "path";
  path: PathDraft | null;
  playing: Playing;
  /** Where B would cut: set while a pointer or the arrow keys are inside an edge. */
  scrub: { edge: Id; t: number } | null;
  /** The candidate under the pointer. */
  hovered: Id | null;
  /** The node whose candidates are fanned out. */
  tray: Id | null;
  /** By keyboard: the node that a thread starts at, until its target is chosen. */
  connecting: Id | null;
  /** A thread that leads to the next candidate of its node that is kept, at a place. */
  thread: { source: Id; at: Point } | null;
  lens: "composition" | "style" | null;
  side: Side;
  popup: Popup;
  toasts: readonly Toast[];
  connected: "live" | "waiting" | "gone";
  reducedMotion: boolean;
  /** Whether "drag this to that" is still to be said: nothing was connected here yet. */
  hint: boolean;
  /** How many edges play by themselves, at a first start. */
  alive: number;
}

export const START: Ui = {
  selection: new Set(),
  focus: null,
  mode: "wander",
  path: null,
  playing: null,
  scrub: null,
  hovered: null,
  tray: null,
  connecting: null,
  thread: null,
  lens: null,
  side: "inspector",
  popup: null,
  toasts: [],
  connected: "waiting",
  reducedMotion: false,
  hint: false,
  alive: 0,
};
