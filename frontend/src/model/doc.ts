// The workspace as this tab knows it: what the server has confirmed, with what was done here since on top.

import { Index } from "./hanging";
import type { Edit, Id, Row, Table, Tables } from "./rows";
import { TABLES } from "./rows";

export type Rows = { [T in Table]: Map<Id, Tables[T]> };
export type Listener = (changed: ReadonlySet<Id>) => void;

interface Pending {
  op: string;
  /** Its number, once the server has made it. */
  seq: number | null;
  edits: readonly { edit: Edit; before: Row | null }[];
}

export function emptyRows(): Rows {
  return Object.fromEntries(TABLES.map((table) => [table, new Map()])) as unknown as Rows;
}

/**
 * Rows by id. Changes that were made here show at once and stay until the server answers; a refused one vanishes.
 *
 * Confirmed changes come in the server's order. What a pending change sets stays on top of them, field by field, until
 * that change is confirmed or refused; a row that somebody deleted meanwhile stays deleted.
 */
export class Doc {
  /** The number of the last confirmed change. */
  seq = 0;
  private confirmed = emptyRows();
  private readonly shown = emptyRows();
  private pending: Pending[] = [];
  private readonly listeners = new Set<Listener>();
  private readonly edgesAt = new Index();
  private readonly takesBy = new Index();
  private readonly trays = new Index();
  /** Renderings by number, in the order they came: no undo takes one away, so a candidate keeps its place by it. */
  private readonly came = new Map<Id, number>();

  get nodes(): ReadonlyMap<Id, Tables["nodes"]> {
    return this.shown.nodes;
  }
  get edges(): ReadonlyMap<Id, Tables["edges"]> {
    return this.shown.edges;
  }
  get takes(): ReadonlyMap<Id, Tables["takes"]> {
    return this.shown.takes;
  }
  get renderings(): ReadonlyMap<Id, Tables["renderings"]> {
    return this.shown.renderings;
  }
  get boards(): ReadonlyMap<Id, Tables["boards"]> {
    return this.shown.boards;
  }
  get sequences(): ReadonlyMap<Id, Tables["sequences"]> {
    return this.shown.sequences;
  }
  get candidates(): ReadonlyMap<Id, Tables["candidates"]> {
    return this.shown.candidates;
  }
  get notes(): ReadonlyMap<Id, Tables["notes"]> {
    return this.shown.notes;
  }
  get settings(): Tables["settings"] | undefined {
    return this.shown.settings.get("workspace");
  }

  /** The ids of all edges, hidden ones included, that start or end at a node. */
  edgesOf(node: Id): ReadonlySet<Id> {
    return this.edgesAt.of(node);
  }

  /** The ids of all takes of an edge or a node, oldest first. */
  takesOf(owner: Id): ReadonlySet<Id> {
    return this.takesBy.of(owner);
  }

  /** The ids of the candidates in a node's tray, in the order they were made: one that undo brought back is in its place. */
  candidatesOf(node: Id): ReadonlySet<Id> {
    return this.trays.of(node);
  }

  /** Starts over with all rows as of change `seq`; what is pending stays on top. */
  reset(rows: Rows, seq: number): void {
    const changed = new Set<Id>();
    for (const table of TABLES) {
      for (const id of this.shown[table].keys()) changed.add(id);
      this.shown[table].clear();
    }
    for (const index of [this.edgesAt, this.takesBy, this.trays]) index.clear();
    this.came.clear();
    this.confirmed = rows;
    this.seq = seq;
    this.pending = this.pending.filter((one) => one.seq === null || one.seq > seq);
    for (const table of TABLES) {
      for (const row of rows[table].values()) this.show({ table, id: row.id, row } as Edit, changed);
    }
    for (const { edits } of this.pending) for (const one of edits) this.show(this.onTop(one), changed);
    this.tell(changed);
  }

  /** Takes in a confirmed change. One that is known already only settles what was pending of it. */
  confirm(seq: number, op: string, edits: readonly Edit[]): void {
    if (seq <= this.seq) {
      this.settle(op, []);
      return;
    }
    this.seq = seq;
    for (const edit of edits) put(this.confirmed, edit);
    this.settle(op, edits);
  }

  /** Shows a change that the server has not answered yet. */
  propose(op: string, edits: readonly Edit[]): void {
    const pending = edits.map((edit) => ({ edit, before: this.shown[edit.table].get(edit.id) ?? null }));
    this.pending.push({ op, seq: null, edits: pending });
    const changed = new Set<Id>();
    for (const edit of edits) this.show(edit, changed);
    this.tell(changed);
  }

  /** The server has made a change number `seq`: once all up to there came in, nothing of it is pending any more. */
  answered(op: string, seq: number): void {
    if (seq <= this.seq) this.settle(op, []);
    else for (const one of this.pending) if (one.op === op) one.seq = seq;
  }

  /** Takes back a change that the server refused. */
  refuse(op: string): void {
    this.settle(op, []);
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The row with an id, whatever it is. */
  find(id: Id): { [T in Table]: { table: T; row: Tables[T] } }[Table] | null {
    for (const table of TABLES) {
      const row = this.shown[table].get(id);
      if (row) return { table, row } as { [T in Table]: { table: T; row: Tables[T] } }[Table];
    }
    return null;
  }

  private settle(op: string, edits: readonly Edit[]): void {
    const settled = this.pending.filter((one) => one.op === op).flatMap((one) => one.edits);
    if (settled.length > 0) this.pending = this.pending.filter((one) => one.op !== op);
    const changed = new Set<Id>();
    for (const { table, id } of [...settled.map((one) => one.edit), ...edits]) {
      this.show({ table, id, row: this.confirmed[table].get(id) ?? null } as Edit, changed);
    }
    for (const one of this.pending) {
      for (const part of one.edits) if (changed.has(part.edit.id)) this.show(this.onTop(part), changed);
    }
    this.tell(changed);
  }

  /** A pending edit as it looks on top of the row as it is shown now. */
  private onTop({ edit, before }: Pending["edits"][number]): Edit {
    const now = this.shown[edit.table].get(edit.id) ?? null;
    if (!edit.row || !before) return edit;
    if (!now) return { ...edit, row: null };
    const fields = Object.entries(edit.row).filter(([name, value]) => before[name as keyof Row] !== value);
    return { ...edit, row: { ...now, ...Object.fromEntries(fields) } } as Edit;
  }

  private show(edit: Edit, changed: Set<Id>): void {
    const before = this.shown[edit.table].get(edit.id) as Row | undefined;
    if (before && !edit.row) this.reindex(edit.table, before, "drop");
    if (!before && edit.row) this.reindex(edit.table, edit.row, "add");
    put(this.shown, edit);
    changed.add(edit.id);
  }

  /** An edge's ends, a take's owner and a candidate's node never change. */
  private reindex(table: Table, row: Row, how: "add" | "drop"): void {
    if (table === "edges") {
      const edge = row as Tables["edges"];
      this.edgesAt[how](edge.source, edge.id);
      this.edgesAt[how](edge.target, edge.id);
    } else if (table === "takes") this.takesBy[how]((row as Tables["takes"]).owner, row.id);
    else if (table === "renderings") this.came.set(row.id, this.came.get(row.id) ?? this.came.size);
    else if (table === "candidates") {
      const { node, id } = row as Tables["candidates"];
      this.trays[how](node, id);
      if (how === "add") this.trays.sort(node, (one) => this.placeOf(one, row as Tables["candidates"]));
    }
  }

  /** When what a candidate shows was made; `fresh` is one that is not among the rows yet. */
  private placeOf(id: Id, fresh: Tables["candidates"]): number {
    const { rendering } = id === fresh.id ? fresh : (this.shown.candidates.get(id) ?? fresh);
    return this.came.get(rendering) ?? this.came.size;
  }

  private tell(changed: ReadonlySet<Id>): void {
    if (changed.size > 0) for (const listener of [...this.listeners]) listener(changed);
  }
}

function put(rows: Rows, edit: Edit): void {
  const table = rows[edit.table] as Map<Id, Row>;
  if (edit.row) table.set(edit.id, edit.row);
  else table.delete(edit.id);
}
