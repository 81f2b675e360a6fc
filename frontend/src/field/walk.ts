/** Time along edges and paths: how long they last, and where a path is after some seconds. */

import type { Ui } from "../app/ui";
import type { Doc } from "../model/doc";
import type { Edge, Id, Step } from "../model/rows";

export function fpsOf(doc: Doc): number {
  const [count, per = "1"] = (doc.settings?.fps ?? "24").split("/");
  return Number(count) / Number(per) || 24;
}

export function secondsOf(doc: Doc, edge: Edge): number {
  return Math.max(1, edge.frames - 1) / fpsOf(doc);
}

/** The edge that a path is on after `seconds`, and the moment in it; a hold stays on the end of its step. */
export function along(doc: Doc, steps: readonly Step[], seconds: number): { edge: Id; t: number } | null {
  let left = seconds;
  let last: { edge: Id; t: number } | null = null;
  for (const step of steps) {
    const edge = doc.edges.get(step.edge);
    if (!edge) continue;
    const lasts = secondsOf(doc, edge) / (step.speed || 1);
    const holds = step.hold / fpsOf(doc);
    const share = Math.min(1, left / lasts);
    last = { edge: edge.id, t: step.reverse ? 1 - share : share };
    if (left <= lasts + holds) return last;
    left -= lasts + holds;
  }
  return last;
}

/** The moment that an edge shows because somebody plays or scrubs it. */
export function shownBy({ playing, scrub }: Ui, doc: Doc): { edge: Id; t: number } | null {
  if (playing?.what === "edge") return playing;
  return playing?.what === "path" ? along(doc, playing.steps, playing.seconds) : scrub;
}
