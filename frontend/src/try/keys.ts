// Keys: the few of the studio's that make sense on this page.

import type { View } from "../field/host";
import { framesOf } from "../model/derive";
import type { Dock } from "./dock";
import type { StaticHost } from "./host";

type Direction = "left" | "right" | "up" | "down";

export function listen(host: StaticHost, view: View, dock: Dock): void {
  /** What the keys do now; false: the browser may have the key. */
  function does(key: string, shift: boolean, mod: boolean): boolean {
    const { mode, scrub, playing, connecting, path } = host.ui();
    const focus = host.chosen;
    if (mod) {
      if (key === "z") shift ? host.redo() : host.undo();
      else if (key === "y") host.redo();
      else return false;
      return true;
    }
    const moment = scrub ?? (playing?.what === "edge" ? playing : null);
    if (key.startsWith("arrow")) return arrow(key.slice(5) as Direction, shift);
    if (key === "b" && moment) void host.branch(moment.edge, moment.t);
    else if (key === "p") host.walk(mode === "wander");
    else if (key === "c" && focus && host.doc.nodes.has(focus)) host.set({ connecting: focus, focus });
    else if (key === "enter" && connecting && focus) {
      if (connecting !== focus && host.doc.nodes.has(focus)) host.connect(connecting, focus);
      else host.set({ connecting: null });
    } else if (key === "enter" && path && focus) {
      host.step({ kind: host.doc.nodes.has(focus) ? "node" : "edge", id: focus });
    } else if (key === " " && path) dock.toggle();
    else if (key === " " && focus && host.doc.edges.has(focus)) playOrPause(focus);
    else if (key === "l" && path) dock.loop();
    else if (key === "backspace" && path) dock.back();
    else if ((key === "delete" || key === "backspace") && mode === "wander")
      host.remove([...host.ui().selection]);
    else if (key === "f" || key === "0") view.fitAll();
    else if (key === "+" || key === "=") view.zoom(1.25);
    else if (key === "-") view.zoom(0.8);
    else if (key === "escape") leave();
    else return false;
    return true;
  }

  /** Inside a thread the arrows walk through its time, else from neighbour to neighbour. */
  function arrow(direction: Direction, shift: boolean): boolean {
    const { scrub } = host.ui();
    const inside = scrub && host.chosen === scrub.edge ? scrub : null;
    if (inside && (direction === "left" || direction === "right")) {
      const by = (shift ? 12 : 1) / Math.max(1, framesOf(host.doc, inside.edge) - 1);
      host.hold(inside.edge, inside.t + (direction === "left" ? -by : by));
      return true;
    }
    const next = view.neighbour(host.chosen, direction);
    if (next) host.focus(next);
    return next !== null;
  }

  function playOrPause(edge: string): void {
    const { playing, scrub } = host.ui();
    if (playing?.what === "edge" && playing.edge === edge) host.hold(edge, playing.t);
    else host.hold(edge, scrub?.edge === edge ? scrub.t : 0.5);
  }

  function leave(): void {
    const { connecting, scrub, playing, mode } = host.ui();
    if (connecting) host.set({ connecting: null });
    else if (playing?.what === "path" && playing.running) dock.toggle();
    else if (mode === "path") host.walk(false);
    else if (scrub || playing) host.set({ scrub: null, playing: null });
    else host.select([]);
  }

  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    const at = event.target instanceof Element ? event.target : null;
    const key = event.key.toLowerCase();
    const own = /^(enter| |tab|home|end|arrow\w+)$/.test(key);
    if (own && at?.closest("button, a[href], input")) return;
    if (does(key, event.shiftKey, event.ctrlKey || event.metaKey)) event.preventDefault();
  });
}
