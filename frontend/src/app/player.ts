// Time: edges and paths that play, on the browser's clock. A tab that is not seen stands still.

import { fpsOf, framesOf } from "../model/derive";
import { pathSeconds } from "../model/pacing";
import type { Id } from "../model/rows";
import { isClosed } from "../model/walks";
import type { Actions } from "./actions";
import type { Core } from "./core";
import type { Playing } from "./ui";

/** Seconds that pass at most between two pictures: after a pause of the browser it goes on where it was. */
const LONGEST = 0.1;

export interface PlayerActions
  extends Pick<Actions, "play" | "playSequence" | "pause" | "seek" | "toggleLoop"> {
  /** Plays an edge again and again until it is paused. */
  playEdge(edge: Id, from?: number): void;
  /** For good: the clock is not listened to any more. */
  stop(): void;
}

/** `wayBack` adds to the path in the making what leads to where it starts. */
export function playerActions(core: Core, wayBack: () => void): PlayerActions {
  const { store, doc, toasts } = core;
  let frame = 0;
  let before: number | null = null;
  let ticking = false;

  function runs(playing: Playing): boolean {
    return playing !== null && (playing.what === "edge" || playing.running);
  }

  function tick(now: number): void {
    frame = 0;
    const { playing } = store.ui;
    if (!playing || !runs(playing)) return;
    const passed = before === null ? 0 : Math.min(LONGEST, (now - before) / 1000);
    before = now;
    ticking = true;
    store.setUi({ playing: later(playing, passed) });
    ticking = false;
    next();
  }

  function next(): void {
    if (frame === 0 && runs(store.ui.playing)) frame = requestAnimationFrame(tick);
  }

  function later(playing: NonNullable<Playing>, passed: number): Playing {
    if (playing.what === "edge") {
      const seconds = Math.max(1, framesOf(doc, playing.edge) - 1) / fpsOf(doc.settings);
      return { ...playing, t: (playing.t + passed / seconds) % 1 };
    }
    const total = pathSeconds(doc, playing.steps);
    const seconds = playing.seconds + passed;
    if (seconds < total) return { ...playing, seconds };
    if (playing.loop && total > 0) return { ...playing, seconds: seconds % total };
    return { ...playing, seconds: total, running: false };
  }

  const stop = store.subscribe(() => {
    if (frame !== 0 || ticking) return;
    before = null;
    next();
  });

  const play: PlayerActions["play"] = (steps, from = 0) => {
    const there = steps.filter((step) => doc.edges.has(step.edge));
    if (there.length === 0) return;
    const { path, playing } = store.ui;
    const loop = path ? path.loop : playing?.what === "path" && playing.loop;
    store.setUi({
      scrub: null,
      playing: { what: "path", steps: there, seconds: from, running: true, loop },
    });
  };

  return {
    play,
    playSequence(sequence) {
      const row = doc.sequences.get(sequence);
      if (!row) return;
      play(row.steps);
      const { playing, path } = store.ui;
      if (playing?.what === "path" && !path && isClosed(doc, playing.steps))
        store.setUi({ playing: { ...playing, loop: true } });
    },
    playEdge(edge, from = 0) {
      if (doc.edges.has(edge)) store.setUi({ scrub: null, playing: { what: "edge", edge, t: from } });
    },
    pause() {
      const { playing } = store.ui;
      if (playing?.what === "path") store.setUi({ playing: { ...playing, running: false } });
      if (playing?.what === "edge") {
        store.setUi({ playing: null, scrub: { edge: playing.edge, t: playing.t } });
      }
    },
    seek(seconds) {
      const { playing, path } = store.ui;
      if (playing?.what === "edge") {
        const lasts = (framesOf(doc, playing.edge) - 1) / fpsOf(doc.settings);
        store.setUi({ playing: { ...playing, t: Math.min(1, Math.max(0, seconds / lasts)) } });
        return;
      }
      const steps = playing?.steps ?? path?.steps ?? [];
      if (steps.length === 0) return;
      const at = Math.min(pathSeconds(doc, steps), Math.max(0, seconds));
      const now = playing ?? { what: "path" as const, steps, running: false, loop: path?.loop ?? false };
      store.setUi({ playing: { ...now, seconds: at } });
    },
    toggleLoop() {
      const { playing, path } = store.ui;
      const loop = !(path ? path.loop : playing?.what === "path" && playing.loop);
      store.setUi({
        ...(path ? { path: { ...path, loop } } : {}),
        ...(playing?.what === "path" ? { playing: { ...playing, loop } } : {}),
      });
      if (!loop || !path || path.steps.length === 0 || isClosed(doc, path.steps)) return;
      toasts.say("plain", "The path does not end where it starts: as a loop it jumps", {
        action: { title: "Add the way back", run: wayBack },
      });
    },
    stop() {
      stop();
      if (frame !== 0) cancelAnimationFrame(frame);
    },
  };
}
