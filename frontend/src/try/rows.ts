// The rows of this page: its first workspace, and edges that are rendered the moment they are made.

import { emptyRows, type Rows } from "../model/doc";
import type { Edge, Edit, Hash, Node, Rendering, Settings, Take } from "../model/rows";

/** data/workspace.json, as docs/make_try.py writes it. */
export interface Workspace {
  settings: Settings[];
  nodes: Node[];
  edges: { source: string; target: string }[];
}

/** Frames of an edge, both ends included: three seconds. */
export const FRAMES = 73;

export function fieldName(first: Hash, last: Hash): Hash {
  return `${first}-${last}`;
}

/** An edge with its take and the rendering behind it. Each has a rendering of its own: a half finds its whole by it. */
export function renderedEdge(
  id: string,
  [source, target]: readonly [Node, Node],
  field: Hash,
): [Edge, Take, Rendering] {
  const [take, rendering] = [`t-${id}`, `r-${id}`];
  const edge: Edge = {
    id,
    source: source.id,
    target: target.id,
    frames: FRAMES,
    engine: "builtin",
    parameters: {},
    label: "",
    roll: 0,
    motion: [],
    active: take,
    hidden: false,
  };
  const ends = [source.framed, target.framed];
  return [
    edge,
    { id: take, owner: id, rendering, first: 0, last: FRAMES - 1, ends, tier: "draft", failure: "" },
    {
      id: rendering,
      algorithm: "builtin.transition@1",
      frames: FRAMES,
      picture: null,
      pixels: null,
      field,
      video: null,
      frame: [source.size[0], source.size[1], "24"],
      seed: 0,
      notes: [],
    },
  ];
}

export function added([edge, take, rendering]: ReturnType<typeof renderedEdge>): Edit[] {
  return [
    { table: "renderings", id: rendering.id, row: rendering },
    { table: "takes", id: take.id, row: take },
    { table: "edges", id: edge.id, row: edge },
  ];
}

/** Where the second of two columns lies, and how much shorter ways are downwards, on an upright screen. */
const [COLUMN, DOWN] = [380, 0.84];

/** The first rows; on an upright screen the two lines of three pictures are two columns. */
export function firstRows({ settings, nodes, edges }: Workspace, upright: boolean): Rows {
  const rows = emptyRows();
  for (const row of settings) rows.settings.set(row.id, row);
  for (const node of nodes) {
    const place = upright ? { x: node.y > COLUMN / 2 ? COLUMN : 0, y: node.x * DOWN } : {};
    rows.nodes.set(node.id, { ...node, ...place });
  }
  for (const { source, target } of edges) {
    const [from, to] = [rows.nodes.get(source), rows.nodes.get(target)];
    if (!from || !to) continue;
    const id = `e-${from.framed}-${to.framed}`;
    const [edge, take, rendering] = renderedEdge(id, [from, to], fieldName(from.framed, to.framed));
    rows.edges.set(edge.id, edge);
    rows.takes.set(take.id, take);
    rows.renderings.set(rendering.id, rendering);
  }
  return rows;
}
