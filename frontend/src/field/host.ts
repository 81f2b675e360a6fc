// What the canvas needs from the app around it, and what it tells it. The canvas draws and feels; the app decides.

import type { Ui } from "../app/ui";
import type { Doc } from "../model/doc";
import type { Box } from "../model/places";
import type { Edge, Hash, Id, Job } from "../model/rows";

export interface Point {
  x: number;
  y: number;
}

export interface Insets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** What lies under a pointer, or has the focus. `handle` is the round grip of a node that starts a new thread. */
export type Target =
  | { kind: "node"; id: Id }
  | { kind: "handle"; id: Id }
  | { kind: "edge"; id: Id }
  | { kind: "candidate"; id: Id }
  | { kind: "board"; id: Id; part: "tab" | "inside" | "corner" }
  | { kind: "note"; id: Id }
  | null;

/** Somebody else who looks at this workspace. */
export interface Presence {
  client: string;
  name: string;
  colour: string;
  cursor: Point | null;
  selection: Id[];
}

/** A file on its way in: shown at once, as a grey card with a bar. */
export interface Arrival {
  key: string;
  name: string;
  at: Point;
  share: number;
  /** An object URL of the picture where the browser can show it. */
  preview: string | null;
  /** Why it did not come in, with its name; empty while it may. */
  failure: string;
}

/** A dimmer, slower look: null is the user's own layout. */
export type Places = ReadonlyMap<Id, Point>;

/** Where media lies. Every answer is a URL that may be cached for ever. */
export interface Media {
  /** The framed pixels as a WebP whose longer side is at most `side` pixels (256, 512 or 1280). */
  pixels(hash: Hash, side: number): string;
  /** A file as it is kept: fields, videos, pictures. */
  blob(hash: Hash): string;
  /** `count` evenly spread frames of a take, side by side in one WebP, each `side` pixels wide. */
  strip(take: Id, count: number, side: number): string;
  atlas(): Promise<Atlas>;
}

/** Small pictures of all nodes, packed into square pages. */
export interface Atlas {
  /** Width and height of a cell in pixels. */
  cell: [number, number];
  /** Width and height of a page in pixels. */
  page: number;
  pages: string[];
  /** For each hash of pixels the number of its cell, counted row by row over all pages. */
  cells: Record<Hash, number>;
}

/** What the canvas looks at. It is told when something changed and asks again. */
export interface Host {
  readonly doc: Doc;
  readonly media: Media;
  ui(): Ui;
  jobs(): ReadonlyMap<Id, Job>;
  presences(): readonly Presence[];
  arrivals(): readonly Arrival[];
  /** Places of all nodes while a lens is on; null for the user's own layout. */
  lens(): Places | null;
  /** The field of a transition that nobody asked to keep, from small copies: for the morph under the pointer. */
  previewField(source: Id, target: Id, parameters: Edge["parameters"]): Promise<ArrayBuffer>;
  /** How much of the view panels cover at each side, in CSS pixels: what is fitted in stays clear of it. */
  insets(): Insets;
  /** Calls back after every change of anything above. Returns how to stop it. */
  subscribe(listener: () => void): () => void;

  // What hands did. Each shows something within a frame; the app makes it last.

  select(ids: readonly Id[], how: "replace" | "add" | "toggle"): void;
  /** Nodes, boards or notes were let go of at new places. A board takes along what lies on it. */
  move(places: ReadonlyMap<Id, Point>): void;
  resizeBoard(id: Id, box: { x: number; y: number; width: number; height: number }): void;
  connect(source: Id, target: Id): void;
  /** A thread was let go of over nothing: offer a picture or a variation there. `screen` is in CSS pixels. */
  offerTarget(source: Id, at: Point, screen: Point): void;
  /** A node, or a board by its tab, was dropped on a node with the style key held (or a board on anything). */
  restyleLike(node: Id, like: Id): void;
  /** Double click, or Enter. */
  open(target: Target, screen: Point): void;
  /** In path mode, a click on a node or an edge. */
  step(target: { kind: "node" | "edge"; id: Id }): void;
  /** Where the pointer or the keyboard is inside an edge, 0–1; null when it left. The branch tool cuts there. */
  scrub(edge: Id | null, t: number): void;
  candidate(id: Id, what: "more" | "spread" | "keep", at?: Point): void;
  /** The candidate under the pointer; null for none. */
  hover(candidate: Id | null): void;
  /** The badge of a folded tray was clicked: fan its candidates out. */
  openTray(node: Id): void;
  foldTray(): void;
  /** Right click, or the menu key. */
  menu(target: Target, at: Point, screen: Point): void;
  /** Files or a picture from elsewhere were dropped or pasted. */
  bring(files: readonly File[], at: Point): void;
  pointAt(at: Point | null): void;
  /** Ids of what is on screen, after the view has come to rest: their jobs run first. */
  lookAt(ids: readonly Id[]): void;
}

/** What the app can ask of the canvas. `new Canvas(element, host)` in canvas.ts makes one. */
export interface View {
  fitAll(): void;
  fit(ids: readonly Id[]): void;
  /** Goes as little as it must for all of a box to be seen. */
  reveal(box: Box): void;
  /** Moves by CSS pixels, or zooms by a factor around the middle of the view. */
  pan(dx: number, dy: number): void;
  zoom(factor: number): void;
  /** The middle of the view, in canvas units. */
  centre(): Point;
  toCanvas(screen: Point): Point;
  toScreen(at: Point): Point;
  /** The place and size of something on screen, in CSS pixels; null if it is not drawn. Panels stand beside it. */
  boxOf(id: Id): { x: number; y: number; width: number; height: number } | null;
  /** Keyboard: the neighbour of the focused thing in a direction, along edges first. */
  neighbour(id: Id | null, direction: "left" | "right" | "up" | "down"): Id | null;
  /** Draws a moment of an edge into a canvas element: for strips, comparisons and the player. False if it can't be yet: a film is asked again until it shows that very frame. */
  drawEdge(edge: Id, t: number, into: HTMLCanvasElement, take?: Id): boolean;
  /** Frame counts and script times since the last call, for measurements. */
  stats(): { frames: number; script: number[]; renderer: string };
  dispose(): void;
}
