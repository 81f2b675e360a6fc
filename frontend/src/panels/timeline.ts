// A path as panels show it: where each step lies, in seconds. How long steps last is model/pacing's business.

import { fpsOf } from "../model/derive";
import type { Doc } from "../model/doc";
import { spans } from "../model/pacing";
import type { Id, Step } from "../model/rows";

export interface Span {
  index: number;
  edge: Id;
  take: Id | null;
  reverse: boolean;
  /** In seconds from the start of the path. */
  start: number;
  /** When the motion ends and the hold begins. */
  arrives: number;
  end: number;
}

export interface Timeline {
  spans: Span[];
  /** Seconds. */
  total: number;
}

/** A moment: t runs 0–1 along the edge's own direction, whichever way it is walked. */
export interface Moment {
  span: Span;
  t: number;
}

export function timelineOf(steps: readonly Step[], doc: Doc): Timeline {
  const rate = fpsOf(doc.settings);
  const lasting = spans(doc, steps).filter((span) => span.moving > 0);
  const timed = lasting.flatMap(({ step: index, start, moving, hold }) => {
    const step = steps[index];
    if (!step) return [];
    const { edge, take, reverse } = step;
    const arrives = start + moving;
    return [
      {
        index,
        edge,
        take,
        reverse,
        start: start / rate,
        arrives: arrives / rate,
        end: (arrives + hold) / rate,
      },
    ];
  });
  return { spans: timed, total: timed.at(-1)?.end ?? 0 };
}

/** What is seen at a number of seconds; null for a path without steps. */
export function momentAt(timeline: Timeline, time: number): Moment | null {
  const span = timeline.spans.find((one) => time < one.end) ?? timeline.spans.at(-1);
  if (!span) return null;
  const share = Math.min(1, Math.max(0, (time - span.start) / (span.arrives - span.start)));
  return { span, t: span.reverse ? 1 - share : share };
}
