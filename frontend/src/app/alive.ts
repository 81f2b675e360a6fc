// At somebody's first start the edges play one after the other, until a hand or a key takes over.

import { shownTake } from "../model/derive";
import type { Core } from "./core";
import type { PlayerActions } from "./player";

/** How long each plays, in milliseconds. */
const TURN = 3200;

export function comeAlive({ store, doc }: Core, player: PlayerActions): () => void {
  if (!store.ui.hint || store.ui.reducedMotion) return () => undefined;
  const over = new AbortController();
  let turn = 0;
  let mine: string | null = null;

  function next(): void {
    const { playing } = store.ui;
    if (playing && !(playing.what === "edge" && playing.edge === mine)) {
      stop();
      return;
    }
    const edges = [...doc.edges.values()].filter(({ hidden, id }) => !hidden && shownTake(doc, id) !== null);
    const edge = edges[turn++ % Math.max(1, edges.length)];
    mine = edge?.id ?? null;
    if (edge && !store.ui.scrub && document.visibilityState === "visible") player.playEdge(edge.id);
  }

  function stop(): void {
    clearInterval(clock);
    over.abort();
    const { playing } = store.ui;
    if (playing?.what === "edge" && playing.edge === mine) store.setUi({ playing: null });
  }

  const clock = setInterval(next, TURN);
  for (const event of ["pointerdown", "keydown", "wheel"] as const) {
    window.addEventListener(event, stop, { signal: over.signal, capture: true, passive: true });
  }
  next();
  return stop;
}
