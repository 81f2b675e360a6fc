// The plain changes a person makes, as the server takes them, and what each will do to the rows here.
//
// The rules are those of src/forkframe/model/changes.py: what `plan` answers shows at once, until the server's own rows come.

import type { Doc } from "./doc";
import { healedSteps } from "./healing";
import type { Candidate, Edge, Edit, Id, Node, Step } from "./rows";

export type Place = [x: number, y: number];

export type NewEdge = Pick<Edge, "id" | "source" | "target" | "frames" | "engine" | "parameters" | "label">;

export interface NewBoard {
  id: Id;
  name: string;
  x: number;
  y: number;
  width: number;
  height: number;
  colour: string;
}

export interface NewNote {
  id: Id;
  text: string;
  x: number;
  y: number;
  width: number;
}

/** A candidate that becomes the node `node`, shown by the take `take`; both ids are new. */
export interface Kept {
  candidate: Id;
  node: Id;
  take: Id;
  x: number;
  y: number;
}

export type Change =
  | { type: "MoveNodes"; places: Record<Id, Place> }
  | { type: "SetFields"; id: Id; values: Record<string, unknown> }
  | { type: "AddEdge"; edge: NewEdge }
  | { type: "AddBoard"; board: NewBoard }
  | { type: "AddNote"; note: NewNote }
  | { type: "AddSequence"; sequence: { id: Id; name: string; steps: Step[] } }
  | { type: "KeepCandidates"; kept: Kept[] }
  | { type: "Delete"; ids: Id[]; heal?: boolean }
  | { type: "SetActiveTake"; edge: Id; take: Id };

/** The rows that a change will leave, as far as this tab can tell; none where the server is going to refuse it. */
export function plan(doc: Doc, change: Change): Edit[] {
  switch (change.type) {
    case "MoveNodes":
      return Object.entries(change.places).flatMap(([id, [x, y]]) => {
        const row = doc.nodes.get(id);
        return row ? [{ table: "nodes", id, row: { ...row, x, y } } as const] : [];
      });
    case "SetFields": {
      const found = doc.find(change.id);
      if (!found) return [];
      return [{ table: found.table, id: change.id, row: { ...found.row, ...change.values } } as Edit];
    }
    case "AddEdge": {
      const { id, source, target } = change.edge;
      if (!doc.nodes.has(source) || !doc.nodes.has(target)) return [];
      return [
        { table: "edges", id, row: { ...change.edge, roll: 0, motion: [], active: null, hidden: false } },
      ];
    }
    case "AddBoard":
      return [{ table: "boards", id: change.board.id, row: change.board }];
    case "AddNote":
      return [{ table: "notes", id: change.note.id, row: { colour: "#d8c98f", ...change.note } }];
    case "AddSequence":
      return [{ table: "sequences", id: change.sequence.id, row: change.sequence }];
    case "KeepCandidates":
      return change.kept.flatMap((one) => keep(doc, one));
    case "Delete":
      return change.heal ? heal(doc, change.ids[0] ?? "") : remove(doc, change.ids);
    case "SetActiveTake": {
      const edge = doc.edges.get(change.edge);
      const take = doc.takes.get(change.take);
      if (!edge || take?.owner !== edge.id || !take.rendering) return [];
      return [{ table: "edges", id: edge.id, row: { ...edge, active: take.id } }];
    }
  }
}

function keep(doc: Doc, { candidate: key, node, take, x, y }: Kept): Edit[] {
  const candidate = doc.candidates.get(key);
  const rendering = candidate && doc.renderings.get(candidate.rendering);
  if (!candidate || !rendering?.picture || !rendering.pixels) return [];
  const row: Node = {
    id: node,
    picture: rendering.picture,
    size: [rendering.frame[0], rendering.frame[1]],
    framed: rendering.pixels,
    x,
    y,
    crop: { fit: "cover", focus: [0.5, 0.5], zoom: 1 },
    label: candidate.label,
    rating: 0,
    active: take,
    cut: null,
    was: [],
  };
  const shows = { first: 0, last: 0, ends: [], tier: "draft" as const, failure: "" };
  return [
    { table: "candidates", id: key, row: null },
    { table: "nodes", id: node, row },
    { table: "takes", id: take, row: { id: take, owner: node, rendering: rendering.id, ...shows } },
  ];
}

/** Nodes go with their edges and candidates, and everything with its takes. */
function remove(doc: Doc, ids: readonly Id[]): Edit[] {
  const nodes = ids.filter((id) => doc.nodes.has(id));
  const edges = new Set([
    ...ids.filter((id) => doc.edges.has(id)),
    ...nodes.flatMap((node) => [...doc.edgesOf(node)]),
  ]);
  const takes = [...edges, ...nodes].flatMap((owner) => [...doc.takesOf(owner)]);
  const candidates = new Set<Candidate["id"]>([
    ...ids.filter((id) => doc.candidates.has(id)),
    ...nodes.flatMap((node) => [...doc.candidatesOf(node)]),
  ]);
  const gone = (table: Edit["table"], all: Iterable<Id>) =>
    Array.from(all, (id) => ({ table, id, row: null }) as Edit);
  return [
    ...gone("takes", takes),
    ...gone("candidates", candidates),
    ...gone("edges", edges),
    ...gone("nodes", nodes),
    ...(["boards", "notes", "sequences"] as const).flatMap((table) =>
      gone(
        table,
        ids.filter((id) => doc[table].has(id)),
      ),
    ),
  ];
}

function heal(doc: Doc, id: Id): Edit[] {
  const cut = doc.nodes.get(id)?.cut;
  const parent = cut && doc.edges.get(cut.edge);
  const whole = cut?.halves.every((half) => doc.edges.get(half)?.hidden === false);
  if (!cut || !parent || !whole) return [];
  const sequences = [...doc.sequences.values()].flatMap((row) => {
    const steps = healedSteps(doc, row.steps, cut);
    return steps.length < row.steps.length
      ? [{ table: "sequences" as const, id: row.id, row: { ...row, steps } }]
      : [];
  });
  return [
    ...remove(doc, [id]),
    { table: "edges", id: parent.id, row: { ...parent, hidden: false } },
    ...sequences,
  ];
}
