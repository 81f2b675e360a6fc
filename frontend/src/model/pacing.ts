// A path as a film: how long each step lasts, and what is seen at a moment. Counts frames as src/forkframe/sequence does.

import { fpsOf, framesOf } from "./derive";
import type { Doc } from "./doc";
import type { Step } from "./rows";

export interface Span {
  /** The step's place in the path. */
  step: number;
  /** Frames from the start of the path to its first picture. */
  start: number;
  /** Frames until it arrives at the picture at its end, at least 1, and how many more that stands still. */
  moving: number;
  hold: number;
}

/** Where a moment of a path falls. `t` is of the edge, 0 at its source and 1 at its target, whichever way it is walked. */
export interface Moment {
  step: number;
  t: number;
  reverse: boolean;
}

/** Where each step lies in time; steps over deleted edges take none. */
export function spans(doc: Doc, steps: readonly Step[]): Span[] {
  let start = 0;
  return steps.map((step, index) => {
    const there = doc.edges.has(step.edge);
    const moving = there
      ? Math.max(1, Math.floor((framesOf(doc, step.edge, step.take) - 1) / step.speed + 0.5))
      : 0;
    const span = { step: index, start, moving, hold: there ? step.hold : 0 };
    start += moving + span.hold;
    return span;
  });
}

/** How many frames the film of a path has: what its steps take, plus 1. */
export function pathFrames(doc: Doc, steps: readonly Step[]): number {
  const last = spans(doc, steps).at(-1);
  return last ? last.start + last.moving + last.hold + 1 : 0;
}

/** How long a path plays until it stands at its last picture; a loop starts again there. */
export function pathSeconds(doc: Doc, steps: readonly Step[]): number {
  return Math.max(0, pathFrames(doc, steps) - 1) / fpsOf(doc.settings);
}

/** What is seen `seconds` into a path, at constant speed through its joints; null for a path without steps. */
export function momentAt(doc: Doc, steps: readonly Step[], seconds: number): Moment | null {
  const frame = seconds * fpsOf(doc.settings);
  const all = spans(doc, steps).filter((span) => span.moving > 0);
  const span = all.find((one) => frame < one.start + one.moving + one.hold) ?? all.at(-1);
  if (!span) return null;
  const share = Math.min(1, Math.max(0, (frame - span.start) / span.moving));
  const reverse = steps[span.step]?.reverse ?? false;
  return { step: span.step, t: reverse ? 1 - share : share, reverse };
}

/** The second at which a step starts. */
export function startOf(doc: Doc, steps: readonly Step[], index: number): number {
  return (spans(doc, steps)[index]?.start ?? 0) / fpsOf(doc.settings);
}
