// The bar under the canvas for a chosen thread: a slider through its time, and the scissors.

import { fpsOf, framesOf } from "../model/derive";
import type { Edge } from "../model/rows";
import { element, place, write } from "./element";
import type { StaticHost } from "./host";

export class MomentBar {
  readonly #host: StaticHost;
  readonly #bar = element("moment");
  readonly #name = element("moment-name");
  readonly #range = element<HTMLInputElement>("moment-at");

  constructor(host: StaticHost) {
    this.#host = host;
    this.#range.addEventListener("input", () => {
      const edge = this.#chosen();
      if (edge) host.hold(edge.id, this.#range.valueAsNumber);
    });
    element("cut").addEventListener("click", () => {
      const edge = this.#chosen();
      if (edge) void host.branch(edge.id, this.#range.valueAsNumber);
    });
  }

  show(): void {
    const edge = this.#chosen();
    this.#bar.hidden = edge === null;
    if (!edge) return;
    const { doc } = this.#host;
    const { scrub } = this.#host.ui();
    const t = scrub?.edge === edge.id ? scrub.t : 0.5;
    const name = (node: string) => doc.nodes.get(node)?.label ?? "";
    const seconds = (t * (framesOf(doc, edge.id) - 1)) / fpsOf(doc.settings);
    write(this.#name, `${name(edge.source)} → ${name(edge.target)} · ${seconds.toFixed(1)} s`);
    place(this.#range, t);
  }

  #chosen(): Edge | null {
    const { selection, mode } = this.#host.ui();
    const [only] = selection.size === 1 ? selection : [];
    return (mode === "wander" && only && this.#host.doc.edges.get(only)) || null;
  }
}
