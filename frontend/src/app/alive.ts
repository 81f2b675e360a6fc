// At somebody's first start the edges move by themselves, until a hand or a key takes over.

import type { View } from "../field/host";
import type { Store } from "./store";

/** How many at once; drawn without a graphics card, each costs as much as all the rest. */
const MOST = 8;
const MOST_IN_SOFTWARE = 2;

export function comeAlive(store: Store, view: View): () => void {
  if (!store.ui.hint || store.ui.reducedMotion) return () => undefined;
  const over = new AbortController();
  const stop = () => {
    over.abort();
    store.setUi({ alive: 0 });
  };
  const slow = /swiftshader|llvmpipe|software|canvas2d/i.test(view.stats().renderer);
  store.setUi({ alive: slow ? MOST_IN_SOFTWARE : MOST });
  for (const event of ["pointerdown", "keydown", "wheel"] as const) {
    window.addEventListener(event, stop, { signal: over.signal, capture: true, passive: true });
  }
  return stop;
}
