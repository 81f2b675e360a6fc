// Rows for tests: a small workspace in a few words.

import { Doc, emptyRows } from "./doc";
import type { Board, Candidate, Edge, Id, Job, Node, Rendering, Row, Sequence, Table, Take } from "./rows";

export function node(id: Id, x = 0, y = 0, rest: Partial<Node> = {}): Node {
  return {
    id,
    picture: `file-${id}`,
    size: [1600, 900],
    framed: `pixels-${id}`,
    x,
    y,
    crop: { fit: "cover", focus: [0.5, 0.5], zoom: 1 },
    label: "",
    rating: 0,
    active: null,
    cut: null,
    was: [],
    ...rest,
  };
}

export function edge(id: Id, source: Id, target: Id, rest: Partial<Edge> = {}): Edge {
  const plain = {
    frames: 73,
    engine: "builtin",
    parameters: {},
    label: "",
    roll: 0,
    motion: [],
    active: null,
    hidden: false,
  };
  return { id, source, target, ...plain, ...rest };
}

/** The take `t-EDGE` of the rendering `r-EDGE`, fresh unless told otherwise. */
export function take(of: Edge, rest: Partial<Take> = {}): Take {
  return {
    id: `t-${of.id}`,
    owner: of.id,
    rendering: `r-${of.id}`,
    first: 0,
    last: of.frames - 1,
    ends: [`pixels-${of.source}`, `pixels-${of.target}`],
    tier: "draft",
    failure: "",
    ...rest,
  };
}

export function rendering(id: Id, rest: Partial<Rendering> = {}): Rendering {
  return {
    id,
    algorithm: "builtin.transition@1",
    frames: 73,
    picture: null,
    pixels: null,
    field: "field",
    video: null,
    frame: [1280, 720, "24"],
    seed: 1,
    notes: [],
    ...rest,
  };
}

export function candidate(id: Id, of: Id, rest: Partial<Candidate> = {}): Candidate {
  return { id, node: of, rendering: `r-${id}`, label: id, ...rest };
}

export function board(id: Id, x: number, y: number, width: number, height: number): Board {
  return { id, name: id, x, y, width, height, colour: "#8a8f98" };
}

export function sequence(id: Id, edges: readonly Id[]): Sequence {
  const steps = edges.map((name) => ({
    edge: name.replace("-", ""),
    reverse: name.startsWith("-"),
    take: null,
    speed: 1,
    hold: 0,
  }));
  return { id, name: id, steps };
}

export function job(id: Id, subject: Id, rest: Partial<Job> = {}): Job {
  return {
    id,
    kind: "rendering",
    title: "Something",
    subject,
    engine: "builtin",
    state: "queued",
    share: 0,
    doing: "",
    preview: false,
    attempts: 0,
    seconds: 1,
    dollars: 0,
    failure: "",
    hint: "",
    remote: "",
    parent: "",
    created: "2026-01-01T00:00:00Z",
    took: 0,
    story: [],
    result: {},
    ...rest,
  };
}

export function rowsOf(tables: Partial<Record<Table, readonly Row[]>>) {
  const rows = emptyRows();
  const frame = { width: 1280, height: 720, fps: "24" };
  rows.settings.set("workspace", { id: "workspace", frame, fps: "24", background: [0, 0, 0] });
  for (const [table, all] of Object.entries(tables)) {
    for (const row of all) (rows[table as Table] as Map<Id, Row>).set(row.id, row);
  }
  return rows;
}

export function docOf(tables: Partial<Record<Table, readonly Row[]>>, seq = 1): Doc {
  const doc = new Doc();
  doc.reset(rowsOf(tables), seq);
  return doc;
}
