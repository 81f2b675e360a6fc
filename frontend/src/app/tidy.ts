// A layout that somebody asks for: along the edges from left to right, what is not connected in a grid below. Pure.

import type { Point } from "../field/host";
import { CARD_WIDTH, cardSize, nodesOn } from "../model/derive";
import type { Doc } from "../model/doc";
import { around, type Box, boxAt, freeShift, GAP, occupied, roomBetween } from "../model/places";
import type { Edge, Id, Node } from "../model/rows";

/** Between columns: room for an edge to be seen. */
const COLUMN_GAP = 200;
const SWEEPS = 4;

/** The centres of cards by node. */
type Layout = Map<Id, Point>;

/**
 * New places for some nodes, or for all if none are named, about where they are now. What is not named stays where it
 * is, and so do boards with what lies on them; nothing is covered.
 */
export function tidied(doc: Doc, ids: readonly Id[] = []): Layout {
  const named = ids.flatMap((id) => doc.nodes.get(id) ?? []);
  const boards = named.length > 0 ? [] : [...doc.boards.values()];
  const onBoards = new Set(boards.flatMap((board) => nodesOn(doc, board)).map((node) => node.id));
  const nodes = named.length > 0 ? named : [...doc.nodes.values()].filter((node) => !onBoards.has(node.id));
  if (nodes.length === 0) return new Map();

  const chosen = new Set(nodes.map((node) => node.id));
  const edges = [...doc.edges.values()].filter(
    (edge) =>
      !edge.hidden && chosen.has(edge.source) && chosen.has(edge.target) && edge.source !== edge.target,
  );
  const layout = stacked(nodes, edges, cardSize(doc.settings).height);
  return settled(layout, nodes, cardSize(doc.settings), [...occupied(doc, chosen), ...boards]);
}

/** The layout about where its nodes were, moved aside as far as it must. */
function settled(
  layout: Layout,
  nodes: readonly Node[],
  card: { width: number; height: number },
  taken: Box[],
): Layout {
  const boxes = [...layout.values()].map((at) => boxAt(at, card));
  const [before, after] = [around(nodes.map((node) => boxAt(node, card))), around(boxes)];
  if (!before || !after) return layout;
  const home = {
    x: Math.round(before.x + before.width / 2 - after.x - after.width / 2),
    y: Math.round(before.y + before.height / 2 - after.y - after.height / 2),
  };
  const atHome = boxes.map((box) => ({ ...box, x: box.x + home.x, y: box.y + home.y }));
  const aside = freeShift(atHome, taken, { x: (card.width + GAP) / 2, y: (card.height + GAP) / 2 });
  const moved = (at: Point) => ({ x: at.x + home.x + aside.x, y: at.y + home.y + aside.y });
  return new Map(Array.from(layout, ([id, at]) => [id, moved(at)]));
}

/** The connected parts below one another, the highest on the canvas first, then the single ones in a grid. */
function stacked(nodes: readonly Node[], edges: readonly Edge[], height: number): Layout {
  const parts = components(nodes, edges);
  const layout: Layout = new Map();
  let top = 0;
  for (const part of parts.filter((one) => one.length > 1)) {
    const own = new Set(part.map((node) => node.id));
    const columns = layered(
      part,
      edges.filter((edge) => own.has(edge.source)),
    );
    const tallest = Math.max(...columns.map((column) => column.length));
    for (const [x, column] of columns.entries()) {
      const indent = (tallest - column.length) / 2;
      for (const [y, node] of column.entries()) {
        layout.set(node.id, { x: x * (CARD_WIDTH + COLUMN_GAP), y: top + (y + indent) * (height + GAP) });
      }
    }
    top += tallest * (height + GAP) + GAP;
  }
  const room = roomBetween({ width: CARD_WIDTH, height });
  const single = parts.flatMap((part) => (part.length === 1 ? part : [])).sort(reading(height));
  const columns = Math.max(1, Math.ceil(Math.sqrt((single.length * 1.5 * height) / CARD_WIDTH)));
  for (const [i, node] of single.entries()) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    layout.set(node.id, { x: column * (CARD_WIDTH + room.x), y: top + row * (height + room.y) });
  }
  return layout;
}

/** Top to bottom, in lines about as high as a card from left to right. */
function reading(height: number): (a: Node, b: Node) => number {
  const line = (node: Node) => Math.round(node.y / (height + GAP));
  return (a, b) => line(a) - line(b) || a.x - b.x;
}

function components(nodes: readonly Node[], edges: readonly Edge[]): Node[][] {
  const parent = new Map(nodes.map((node) => [node.id, node.id]));
  const root = (id: Id): Id => {
    let at = id;
    for (let up = parent.get(at) ?? at; up !== at; up = parent.get(at) ?? at) {
      parent.set(at, parent.get(up) ?? up);
      at = up;
    }
    return at;
  };
  for (const edge of edges) parent.set(root(edge.source), root(edge.target));
  const parts = new Map<Id, Node[]>();
  for (const node of [...nodes].sort((a, b) => a.y - b.y || a.x - b.x)) {
    const part = parts.get(root(node.id));
    if (part) part.push(node);
    else parts.set(root(node.id), [node]);
  }
  return [...parts.values()];
}

/** Columns from left to right: every edge that closes no circle leads to a later one; neighbours at similar heights. */
function layered(nodes: readonly Node[], edges: readonly Edge[]): Node[][] {
  const rank = ranks(nodes, edges);
  const columns: Node[][] = [];
  for (const node of [...nodes].sort((a, b) => a.y - b.y)) {
    const column = rank.get(node.id) ?? 0;
    columns[column] = [...(columns[column] ?? []), node];
  }
  const beside = new Map<Id, Id[]>(nodes.map((node) => [node.id, []]));
  for (const { source, target } of edges) {
    beside.get(source)?.push(target);
    beside.get(target)?.push(source);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const height = new Map<Id, number>();
    for (const column of columns) {
      for (const [y, node] of column.entries()) height.set(node.id, y - (column.length - 1) / 2);
    }
    const pull = (node: Node) => {
      const others = beside.get(node.id) ?? [];
      return others.reduce((sum, id) => sum + (height.get(id) ?? 0), 0) / Math.max(1, others.length);
    };
    for (const [i, column] of columns.entries()) {
      const wanted = new Map(column.map((node) => [node, pull(node)]));
      columns[i] = column.toSorted((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    }
  }
  return columns;
}

/** The longest way to each node, edges that close a circle left out; those on the left are walked from first. */
function ranks(nodes: readonly Node[], edges: readonly Edge[]): Map<Id, number> {
  const next = new Map<Id, Id[]>(nodes.map((node) => [node.id, []]));
  const entered = new Set<Id>();
  for (const { source, target } of edges) {
    next.get(source)?.push(target);
    entered.add(target);
  }
  const roots = nodes.toSorted(
    (a, b) => Number(entered.has(a.id)) - Number(entered.has(b.id)) || a.x - b.x || a.y - b.y,
  );
  const order: Id[] = [];
  const onward = new Map<Id, Id[]>();
  const state = new Map<Id, "open" | "done">();
  for (const { id: start } of roots) {
    if (state.has(start)) continue;
    state.set(start, "open");
    const trail: { id: Id; rest: Id[] }[] = [{ id: start, rest: [...(next.get(start) ?? [])] }];
    for (let here = trail.at(-1); here; here = trail.at(-1)) {
      const to = here.rest.shift();
      if (to === undefined) {
        state.set(here.id, "done");
        order.unshift(here.id);
        trail.pop();
      } else if (state.get(to) !== "open") {
        onward.set(here.id, [...(onward.get(here.id) ?? []), to]);
        if (state.has(to)) continue;
        state.set(to, "open");
        trail.push({ id: to, rest: [...(next.get(to) ?? [])] });
      }
    }
  }
  const rank = new Map<Id, number>();
  for (const id of order) {
    const own = rank.get(id) ?? 0;
    rank.set(id, own);
    for (const to of onward.get(id) ?? []) rank.set(to, Math.max(rank.get(to) ?? 0, own + 1));
  }
  return rank;
}
