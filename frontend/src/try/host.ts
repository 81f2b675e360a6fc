// The app around the canvas, without a server: what hands do is done here, in this tab, and can be taken back.

import { START, type Ui } from "../app/ui";
import type { Host, Insets, Point } from "../field/host";
import { footage } from "../field/moment";
import { framesOf } from "../model/derive";
import { Doc } from "../model/doc";
import { newId } from "../model/ids";
import type { Edit, Hash, Id, Job, Row, Table } from "../model/rows";
import { EMPTY_PATH, edgesBetween, jointFilled, mended, walkedOn } from "../model/walks";
import { branchEdits, frameAt } from "./branch";
import { between, itself, type Kin, nearestPair, strongest } from "./kin";
import { StaticMedia } from "./media";
import { added, fieldName, firstRows, renderedEdge, type Workspace } from "./rows";
import { Stills } from "./still";

/** What was done, for the hints. */
export type Deed = "connected" | "branched" | "walked" | "missed" | "brought" | "lost";

/** What the name and the tools at the top and the hint at the bottom cover, in CSS pixels. */
const CLEAR: Insets = { left: 0, right: 0, top: 40, bottom: 36 };
const NO_JOBS: ReadonlyMap<Id, Job> = new Map();

export class StaticHost implements Host {
  readonly doc = new Doc();
  readonly media = new StaticMedia();
  /** Called when something was done that a visitor may be told about. */
  told: (deed: Deed) => void = () => undefined;
  /** Called with an edge that was just made. */
  made: (edge: Id) => void = () => undefined;
  #ui: Ui;
  readonly #listeners = new Set<() => void>();
  readonly #stills = new Stills(this.media);
  readonly #kin = new Map<Hash, Kin>();
  #done: Edit[][] = [];
  #undone: Edit[][] = [];
  /** The edge whose moment a hand holds by the slider: the pointer on the canvas does not move it. */
  #held: Id | null = null;
  #cutting = false;

  constructor(workspace: Workspace, { upright, still }: { upright: boolean; still: boolean }) {
    this.#ui = { ...START, connected: "live", side: null, reducedMotion: still };
    for (const { framed } of workspace.nodes) this.#kin.set(framed, itself(framed));
    this.doc.reset(firstRows(workspace, upright), 1);
  }

  ui(): Ui {
    return this.#ui;
  }

  set(change: Partial<Ui>): void {
    this.#ui = { ...this.#ui, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async previewField(source: Id, target: Id): Promise<ArrayBuffer> {
    const field = this.#field(source, target);
    const answer = field ? await fetch(this.media.blob(field)) : null;
    if (!answer?.ok) throw new Error(`no field from ${source} to ${target}`);
    return answer.arrayBuffer();
  }

  /** By hand; the keyboard's focus is left behind. */
  select(ids: readonly Id[], how: "replace" | "add" | "toggle" = "replace"): void {
    const selection = new Set(how === "replace" ? [] : this.#ui.selection);
    for (const id of ids) {
      if (how === "toggle" && selection.has(id)) selection.delete(id);
      else selection.add(id);
    }
    this.#held = null;
    const stays = this.#ui.scrub && selection.has(this.#ui.scrub.edge);
    this.set({ selection, focus: null, ...(stays ? {} : { scrub: null }) });
  }

  /** By keys. */
  focus(id: Id): void {
    if (this.#ui.mode === "wander") this.select([id]);
    this.set({ focus: id });
  }

  /** What the keys are meant for: what has their focus, else the one thing that is selected. */
  get chosen(): Id | null {
    const { focus, selection } = this.#ui;
    const [only] = selection.size === 1 ? selection : [];
    return focus ?? only ?? null;
  }

  move(places: ReadonlyMap<Id, Point>): void {
    this.#change(
      [...places].flatMap(([id, at]): Edit[] => {
        const node = this.doc.nodes.get(id);
        return node ? [{ table: "nodes", id, row: { ...node, ...at } }] : [];
      }),
    );
  }

  /** Two pictures have one edge each way here: it would be the same a second time. */
  connect(source: Id, target: Id): Id | null {
    const known = edgesBetween(this.doc, source, target)[0] ?? this.#connected(source, target);
    this.set({ connecting: null });
    if (known) {
      this.made(known);
      this.told("connected");
    }
    return known;
  }

  /** The moment falls onto the edge as a picture; its handle starts a new thread. */
  async branch(edge: Id, t: number): Promise<Id | null> {
    const row = this.doc.edges.get(edge);
    const [shows, frame] = [row && footage(this.doc, row), frameAt(this.doc, edge, t)];
    if (!row || row.hidden || !shows || frame === null || this.#cutting) return null;
    this.#cutting = true;
    try {
      const share = frame / (framesOf(this.doc, edge) - 1);
      const [width, height] = this.doc.nodes.get(row.source)?.size ?? [960, 540];
      const picture = this.media.keep(await this.#stills.draw(shows, share, { width, height }));
      const kin = between(this.#kinOf(row.source), this.#kinOf(row.target), share);
      this.#kin.set(picture, kin);
      const found = branchEdits(this.doc, row, frame, { picture, label: strongest(kin).join(" × ") });
      if (!found || !this.doc.edges.has(edge)) return null;
      this.#held = null;
      this.set({ scrub: null, playing: null });
      this.#change(found.edits);
      this.select([found.node.id]);
      this.told("branched");
      return found.node.id;
    } catch {
      this.told("lost");
      return null;
    } finally {
      this.#cutting = false;
    }
  }

  scrub(edge: Id | null, t: number): void {
    const { scrub, playing, selection } = this.#ui;
    if (playing?.what === "path" && playing.running) return;
    if (!edge) {
      // A chosen edge keeps its moment, so that a hand can go to the scissors.
      if (scrub && !selection.has(scrub.edge)) this.set({ scrub: null });
    } else if (edge !== this.#held && (scrub?.edge !== edge || scrub.t !== t)) {
      this.#held = null;
      this.set({ scrub: { edge, t }, playing: playing?.what === "edge" ? null : playing });
    }
  }

  /** By slider or keys. */
  hold(edge: Id, t: number): void {
    this.#held = edge;
    this.set({ scrub: { edge, t: Math.min(1, Math.max(0, t)) }, playing: null });
  }

  /** The pointer is back on the canvas. */
  letGo(): void {
    this.#held = null;
  }

  step(target: { kind: "node" | "edge"; id: Id }): void {
    const { path } = this.#ui;
    if (!path) return;
    let next = walkedOn(this.doc, path, target);
    const { joint } = next;
    // Where no edge leads, one is made: every pair has its field here.
    const edge = joint && (joint.edges[0] ?? this.#connected(joint.source, joint.target));
    if (edge) next = jointFilled(this.doc, next, edge);
    const steps = next.steps.map((step) => ({ ...step, proposed: false }));
    const { playing } = this.#ui;
    const follows = playing?.what === "path" ? { ...playing, steps, loop: next.loop } : playing;
    this.set({ path: { ...next, steps }, playing: follows });
  }

  walk(on: boolean): void {
    if (!on) this.set({ mode: "wander", path: null, playing: null, scrub: null });
    if (!on || this.#ui.path) return;
    const empty = { selection: new Set<Id>(), playing: null, scrub: null, connecting: null };
    this.set({ ...empty, mode: "path", path: EMPTY_PATH });
  }

  /** Edges, and nodes with their edges. */
  remove(ids: readonly Id[]): void {
    const edges = new Set(ids.flatMap((id) => (this.doc.edges.has(id) ? [id] : [...this.doc.edgesOf(id)])));
    const nodes = ids.filter((id) => this.doc.nodes.has(id));
    this.#change([
      ...[...edges].map((id): Edit => ({ table: "edges", id, row: null })),
      ...nodes.map((id): Edit => ({ table: "nodes", id, row: null })),
    ]);
    this.select([]);
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  undo(): void {
    this.#swap(this.#done, this.#undone);
  }

  redo(): void {
    this.#swap(this.#undone, this.#done);
  }

  insets = (): Insets => ({ ...CLEAR, bottom: this.#ui.mode === "path" ? 0 : CLEAR.bottom });
  jobs = () => NO_JOBS;
  presences = () => [];
  arrivals = () => [];
  lens = () => null;
  offerTarget = () => this.told("missed");
  bring = () => this.told("brought");
  restyleLike = () => undefined;
  resizeBoard = () => undefined;
  open = () => undefined;
  candidate = () => undefined;
  hover = () => undefined;
  openTray = () => undefined;
  foldTray = () => undefined;
  menu = () => undefined;
  pointAt = () => undefined;
  lookAt = () => undefined;

  #kinOf(node: Id): Kin {
    return this.#kin.get(this.doc.nodes.get(node)?.framed ?? "") ?? new Map();
  }

  #field(source: Id, target: Id): Hash | null {
    const pair = nearestPair(this.#kinOf(source), this.#kinOf(target));
    return pair && fieldName(...pair);
  }

  #connected(source: Id, target: Id): Id | null {
    const [from, to] = [this.doc.nodes.get(source), this.doc.nodes.get(target)];
    const field = this.#field(source, target);
    if (!from || !to || !field) return null;
    const id = newId("e");
    this.#change(added(renderedEdge(id, [from, to], field)));
    return id;
  }

  #change(edits: Edit[]): void {
    if (edits.length === 0) return;
    this.#done.push(this.#applied(edits));
    this.#undone = [];
  }

  #swap(from: Edit[][], to: Edit[][]): void {
    const edits = from.pop();
    if (!edits) return;
    to.push(this.#applied(edits));
    const there = (id: Id) => this.doc.nodes.has(id) || this.doc.edges.get(id)?.hidden === false;
    const { selection, focus } = this.#ui;
    this.#held = null;
    this.set({
      selection: new Set([...selection].filter(there)),
      focus: focus && there(focus) ? focus : null,
      scrub: null,
      playing: null,
    });
  }

  /** Makes the edits and returns those that take them back. */
  #applied(edits: readonly Edit[]): Edit[] {
    const back = edits.map(({ table, id }) => {
      const before: Row | undefined = this.#row(table, id);
      return { table, id, row: before ?? null } as Edit;
    });
    this.doc.confirm(this.doc.seq + 1, newId("o"), edits);
    const { path, playing } = this.#ui;
    if (path) this.set({ path: mended(this.doc, path), playing: playing?.what === "path" ? null : playing });
    else this.set({});
    return back.reverse();
  }

  #row(table: Table, id: Id): Row | undefined {
    const found = this.doc.find(id);
    return found?.table === table ? found.row : undefined;
  }
}
