/** What hands and eyes do just now: shared by what draws, what picks and what moves. Nothing of it is kept. */

import type { Ui } from "../app/ui";
import type { Doc } from "../model/doc";
import type { Board, Id, Note } from "../model/rows";
import type { Box, Camera } from "./camera";
import type { Growing } from "./growing";
import type { Host, Point } from "./host";
import type { Jobs } from "./jobs";
import type { Labels } from "./labels";
import type { Living } from "./living";
import type { Pictures } from "./pictures";
import type { Under } from "./pointer";
import type { Renderer } from "./renderer";
import type { Rest } from "./rest";
import type { Scene } from "./scene";

export interface Feel {
  hover: Under;
  /** The edge that rests under the pointer, or plays. */
  rest: Rest;
  /** How far the tile has grown of the edge that shows a moment because somebody plays it. */
  shown: Growing;
  /** A thread on its way from a node's handle; `over` is the node under its end. */
  thread: { source: Id; at: Point; over: Id | null } | null;
  /** Around what is being selected, in canvas units; two points are the corners of a box. */
  lasso: { free: boolean; points: Point[] } | null;
  /** Where a hand holds nodes and notes. */
  held: ReadonlyMap<Id, Point>;
  /** Where a hand holds a board. */
  board: { id: Id; box: Box } | null;
  /** What is being carried to another node as its style: a node or a board. */
  like: { id: Id; at: Point; over: Id | null } | null;
  /** A candidate that is being pulled out of its tray. */
  pulled: { id: Id; at: Point } | null;
}

/** All that is needed to draw one frame. */
export interface Sight {
  readonly host: Host;
  readonly doc: Doc;
  readonly ui: Ui;
  readonly camera: Camera;
  readonly scene: Scene;
  readonly renderer: Renderer;
  readonly pictures: Pictures;
  readonly living: Living;
  readonly labels: Labels;
  readonly jobs: Jobs;
  readonly feel: Feel;
  /** The small picture of node number i in the atlas, or −1. */
  readonly cells: Int32Array;
  /** Device pixels per CSS pixel when still. */
  readonly ratio: number;
  readonly now: number;
  /** The moment that an edge shows because somebody plays or scrubs it. */
  readonly shown: { readonly edge: Id; readonly t: number } | null;
  /** Selected nodes by number. */
  readonly selected: ReadonlySet<number>;
  /** 0–1: how far the open tray has fanned out. */
  readonly fan: number;
}

export function boardBox(board: Board, feel: Feel): Box {
  return feel.board?.id === board.id ? feel.board.box : board;
}

const LINE = 21;
const LETTER = 8.1;

/** Where a note lies and how tall it is: by the length of its lines. */
export function noteBox(note: Note, feel: Feel): Box {
  const at = feel.held.get(note.id) ?? note;
  const perLine = Math.max(4, Math.floor((note.width - 28) / LETTER));
  const lines = note.text
    .split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / perLine)), 0);
  return { x: at.x, y: at.y, width: note.width, height: 26 + lines * LINE };
}
