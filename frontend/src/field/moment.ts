/** Which rendering an edge shows, and where in it a moment of the edge lies. */

import type { Doc } from "../model/doc";
import { type Edge, type Hash, type Id, isOpen, type Job, type Take } from "../model/rows";

/** What can be drawn of an edge. A branch shows a part of its parent's rendering: moment t is `from + t·(to − from)`. */
export interface Footage {
  take: Id;
  field: Hash | null;
  video: Hash | null;
  /** Of the pictures that the whole rendering begins and ends with. */
  ends: readonly [Hash, Hash];
  from: number;
  to: number;
}

/** The take that is shown; null while there is none that worked. */
export function shownTake(doc: Doc, edge: Edge, take?: Id): Take | null {
  const shown = doc.takes.get(take ?? edge.active ?? "");
  return shown?.rendering ? shown : null;
}

export function footage(doc: Doc, edge: Edge, take?: Id): Footage | null {
  const shown = shownTake(doc, edge, take);
  const rendering = doc.renderings.get(shown?.rendering ?? "");
  if (!shown || !rendering || rendering.frames < 2) return null;
  const last = rendering.frames - 1;
  const whole = shown.first === 0 && shown.last === last;
  const ends = whole ? endsOf(doc, edge, shown) : (wholeEnds(doc, shown, last) ?? parentEnds(doc, edge));
  if (!ends) return null;
  const { field, video } = rendering;
  return { take: shown.id, field, video, ends, from: shown.first / last, to: shown.last / last };
}

function endsOf(doc: Doc, edge: Edge, take: Take | null): readonly [Hash, Hash] | null {
  const [first, last] = take?.ends ?? [];
  if (first && last) return [first, last];
  const [source, target] = [doc.nodes.get(edge.source), doc.nodes.get(edge.target)];
  return source && target ? [source.framed, target.framed] : null;
}

/** From a take that spans all of the same rendering: that of the uncut edge, as a rule. */
function wholeEnds(doc: Doc, part: Take, last: number): readonly [Hash, Hash] | null {
  for (const take of doc.takes.values()) {
    if (take.rendering !== part.rendering || take.first !== 0 || take.last !== last) continue;
    const [first, end] = take.ends;
    if (first && end) return [first, end];
  }
  return null;
}

/** From the nodes of the edge that was cut, and the one that was cut before it … */
function parentEnds(doc: Doc, half: Edge): readonly [Hash, Hash] | null {
  let edge: Edge | undefined = half;
  for (let depth = 0; edge && depth < 32; depth++) {
    const id: Id = edge.id;
    const cut = [edge.source, edge.target]
      .map((node) => doc.nodes.get(node)?.cut)
      .find((one) => one?.halves.includes(id));
    if (!cut) return edge === half ? null : endsOf(doc, edge, null);
    edge = doc.edges.get(cut.edge);
  }
  return null;
}

export interface EdgeState {
  state: "empty" | "queued" | "running" | "failed" | "ready";
  /** 0–1 while running. */
  share: number;
  stale: boolean;
  final: boolean;
}

/** What an edge's tile tells about it. `job` is the newest job for the edge. */
export function edgeState(doc: Doc, edge: Edge, job: Job | undefined): EdgeState {
  const take = doc.takes.get(edge.active ?? "");
  const open = job && isOpen(job);
  const working = job?.state === "running" || job?.state === "cancelling";
  const ready = Boolean(take?.rendering);
  const failed = !open && !ready && (job?.state === "failed" || Boolean(take?.failure));
  const [first, last] = take?.ends ?? [];
  const [source, target] = [doc.nodes.get(edge.source)?.framed, doc.nodes.get(edge.target)?.framed];
  return {
    state: open ? (working ? "running" : "queued") : failed ? "failed" : ready ? "ready" : "empty",
    share: open ? job.share : 0,
    stale: Boolean(ready && first && last && (first !== source || last !== target)),
    final: ready && take?.tier === "final",
  };
}
