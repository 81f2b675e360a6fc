// Making a path by pointing: what a click on a node or an edge adds to it. Pure; the draft is replaced, never changed.

import type { DraftStep, PathDraft } from "../app/ui";
import type { Doc } from "./doc";
import { cutSteps } from "./healing";
import type { Edge, Id, Step } from "./rows";

export const EMPTY_PATH: PathDraft = {
  sequence: null,
  name: "",
  start: null,
  steps: [],
  joint: null,
  loop: false,
};

/** The nodes that a step goes from and to; null if its edge was deleted. */
export function endsOf(doc: Doc, step: Step): [from: Id, to: Id] | null {
  const edge = doc.edges.get(step.edge);
  if (!edge) return null;
  return step.reverse ? [edge.target, edge.source] : [edge.source, edge.target];
}

/** The node that a path starts at. */
export function pathStart(doc: Doc, path: PathDraft): Id | null {
  const first = path.steps[0];
  return first ? (endsOf(doc, first)?.[0] ?? null) : path.start;
}

/** The node that a path ends at: where the next step has to start. */
export function pathEnd(doc: Doc, path: PathDraft): Id | null {
  const last = path.steps.at(-1);
  return last ? (endsOf(doc, last)?.[1] ?? null) : path.start;
}

/** Whether steps end where they start, so that they can go round and round. */
export function isClosed(doc: Doc, steps: readonly Step[]): boolean {
  const [first, last] = [steps[0], steps.at(-1)];
  const start = first && endsOf(doc, first)?.[0];
  return Boolean(last && start && start === endsOf(doc, last)?.[1]);
}

export function isContinuous(doc: Doc, steps: readonly Step[]): boolean {
  const ends = steps.map((step) => endsOf(doc, step));
  return ends.every((own, i) => own && (i === 0 || ends[i - 1]?.[1] === own[0]));
}

/** The path after a click on a node or an edge. */
export function walkedOn(doc: Doc, path: PathDraft, target: { kind: "node" | "edge"; id: Id }): PathDraft {
  const open = { ...path, joint: null };
  if (target.kind === "node") return doc.nodes.has(target.id) ? toNode(doc, open, target.id) : open;
  const edge = doc.edges.get(target.id);
  return edge && !edge.hidden ? overEdge(doc, open, edge) : open;
}

/** Clicking the last node changes nothing, so that a double click is harmless; clicking the first one closes a loop. */
function toNode(doc: Doc, path: PathDraft, node: Id): PathDraft {
  const end = pathEnd(doc, path);
  if (end === null) return { ...path, start: node };
  const edges = edgesBetween(doc, end, node);
  if (end === node && edges.length === 0) return path;
  if (edges.length > 1) return { ...path, joint: { source: end, target: node, edges } };
  if (edges[0]) return closed(doc, { ...path, steps: [...path.steps, newStep(edges[0])] });
  const way = shortestWay(doc, end, node);
  if (!way) return { ...path, joint: { source: end, target: node, edges: [] } };
  return closed(doc, { ...path, steps: [...path.steps, ...way.map(proposed)] });
}

/** The edge itself was asked for; what leads to it is proposed. Forwards wins, then the way with the fewest edges. */
function overEdge(doc: Doc, path: PathDraft, edge: Edge): PathDraft {
  const end = pathEnd(doc, path);
  if (end === null || end === edge.source) return append(doc, path, [], newStep(edge.id));
  if (end === edge.target) return append(doc, path, [], newStep(edge.id, true));
  const forwards = shortestWay(doc, end, edge.source);
  const backwards = shortestWay(doc, end, edge.target);
  if (forwards && (isForwards(forwards) || !backwards || forwards.length <= backwards.length)) {
    return append(doc, path, forwards, newStep(edge.id));
  }
  if (backwards) return append(doc, path, backwards, newStep(edge.id, true));
  return { ...path, joint: { source: end, target: edge.source, edges: [] } };
}

function append(doc: Doc, path: PathDraft, way: Step[], step: DraftStep): PathDraft {
  return closed(doc, { ...path, steps: [...path.steps, ...way.map(proposed), step] });
}

/** A path that has come back to where it started plays as a loop. */
function closed(doc: Doc, path: PathDraft): PathDraft {
  const start = pathStart(doc, path);
  return { ...path, start, loop: path.steps.length > 0 && start === pathEnd(doc, path) };
}

/** The open joint filled with one of its edges, or with one that was made for it just now. */
export function jointFilled(doc: Doc, path: PathDraft, edge: Id): PathDraft {
  const row = doc.edges.get(edge);
  if (!path.joint || !row) return path;
  const { source, target } = path.joint;
  const forwards = row.source === source && row.target === target;
  if (!forwards && !(row.source === target && row.target === source)) return path;
  return closed(doc, { ...path, joint: null, steps: [...path.steps, newStep(edge, !forwards)] });
}

/**
 * The path without a step. Where that leaves a gap, the shortest other way is proposed; null if there is none, since a
 * path never has gaps.
 */
export function without(doc: Doc, path: PathDraft, index: number): PathDraft | null {
  const [before, gone, after] = [path.steps.slice(0, index), path.steps[index], path.steps.slice(index + 1)];
  if (!gone) return path;
  const ends = endsOf(doc, gone);
  const [from, to] = [before.length > 0 ? ends?.[0] : null, after.length > 0 ? ends?.[1] : null];
  const start = before.length === 0 && after.length === 0 ? (ends?.[0] ?? null) : path.start;
  if (!from || !to || from === to)
    return closed(doc, { ...path, joint: null, start, steps: [...before, ...after] });
  const way = shortestWay(doc, from, to, gone.edge);
  return way && closed(doc, { ...path, joint: null, steps: [...before, ...way.map(proposed), ...after] });
}

/** The path after edges were cut or deleted: cut ones are walked half by half, a deleted one ends it. */
export function mended(doc: Doc, path: PathDraft): PathDraft {
  let steps = path.steps;
  for (const { edge: key } of path.steps) {
    if (!doc.edges.get(key)?.hidden) continue;
    const cut = [...doc.nodes.values()].find((node) => node.cut?.edge === key)?.cut;
    if (cut?.halves.every((half) => doc.edges.has(half))) steps = cutSteps(steps, cut);
  }
  const gap = steps.findIndex((step) => !doc.edges.has(step.edge));
  const start = path.start && doc.nodes.has(path.start) ? path.start : null;
  const joint = path.joint;
  const stands = !joint || (doc.nodes.has(joint.source) && doc.nodes.has(joint.target));
  const edges = joint?.edges.filter((edge) => doc.edges.get(edge)?.hidden === false) ?? [];
  if (
    steps === path.steps &&
    gap < 0 &&
    start === path.start &&
    stands &&
    edges.length === (joint?.edges.length ?? 0)
  ) {
    return path;
  }
  return {
    ...path,
    start,
    steps: gap < 0 ? steps : steps.slice(0, gap),
    joint: joint && stands && gap < 0 ? { ...joint, edges } : null,
  };
}

/** The edges on the canvas that lead from one node to another, the oldest first. */
export function edgesBetween(doc: Doc, from: Id, to: Id): Id[] {
  return shownEdges(doc, from).flatMap((edge) =>
    edge.source === from && edge.target === to ? [edge.id] : [],
  );
}

/**
 * The way from one node to another with the fewest edges, walking forwards; if there is none, backwards too. Null if
 * they are not connected, empty if they are the same.
 */
export function shortestWay(doc: Doc, from: Id, to: Id, except: Id | null = null): Step[] | null {
  return (
    search(doc, from, to, { except, backwards: false }) ?? search(doc, from, to, { except, backwards: true })
  );
}

/** Breadth first, forward edges before backward ones and older ones before newer, so that the answer is always the same. */
function search(
  doc: Doc,
  from: Id,
  to: Id,
  { except, backwards }: { except: Id | null; backwards: boolean },
): Step[] | null {
  const came = new Map<Id, { node: Id; step: Step } | null>([[from, null]]);
  const reach = (node: Id, next: Id, edge: Id, reverse: boolean) => {
    if (!came.has(next)) came.set(next, { node, step: newStep(edge, reverse) });
  };
  for (const node of came.keys()) {
    if (node === to) break;
    const edges = shownEdges(doc, node).filter((edge) => edge.id !== except);
    for (const edge of edges) if (edge.source === node) reach(node, edge.target, edge.id, false);
    if (!backwards) continue;
    for (const edge of edges) if (edge.target === node) reach(node, edge.source, edge.id, true);
  }
  if (!came.has(to)) return null;
  const steps: Step[] = [];
  for (let last = came.get(to); last; last = came.get(last.node)) steps.unshift(last.step);
  return steps;
}

function shownEdges(doc: Doc, node: Id): Edge[] {
  return [...doc.edgesOf(node)].flatMap((id) => {
    const edge = doc.edges.get(id);
    return edge && !edge.hidden ? [edge] : [];
  });
}

function isForwards(way: readonly Step[]): boolean {
  return way.every((step) => !step.reverse);
}

export function newStep(edge: Id, reverse = false): DraftStep {
  return { edge, reverse, take: null, speed: 1, hold: 0, proposed: false };
}

function proposed(step: Step): DraftStep {
  return { ...step, proposed: true };
}
