// Connecting, branching, and the takes of an edge.

import { fpsOf, framesIn, framesOf } from "../model/derive";
import { newId } from "../model/ids";
import type { Id } from "../model/rows";
import type { Actions } from "./actions";
import { asked, type Core } from "./core";
import type { Jobs } from "./jobs";
import type { MakingActions } from "./making";
import type { Arrivals } from "./pictures";

/** How long a new edge lasts, in seconds. */
export const LASTS = 3;

export type EdgeActions = Pick<Actions, "branch" | "renderTake" | "showTake" | "setSeconds"> & {
  /** The id of the new edge; null if one of the nodes is not there. */
  connect(source: Id, target: Id): Id | null;
};

export function edgeActions(
  core: Core,
  making: Pick<MakingActions, "drafterFor">,
  jobs: Jobs,
  arrivals: Arrivals,
): EdgeActions {
  const { store, doc, client, changes } = core;

  return {
    connect(source, target) {
      const [from, to] = [doc.nodes.get(source), doc.nodes.get(target)];
      if (!from || !to) return null;
      const edge = {
        id: newId("e"),
        source,
        target,
        frames: framesIn(LASTS, fpsOf(doc.settings)),
        engine: making.drafterFor("transition"),
        parameters: {},
        label: from.label && to.label ? `${from.label} to ${to.label}` : "",
      };
      changes.make({ type: "AddEdge", edge });
      store.setUi({ connecting: null, hint: false });
      return edge.id;
    },

    async branch(edge, frame) {
      const [row, last] = [doc.edges.get(edge), framesOf(doc, edge) - 1];
      if (!row) return;
      const at = Math.min(last - 1, Math.max(1, Math.round(frame)));
      const [from, to] = [doc.nodes.get(row.source), doc.nodes.get(row.target)];
      const share = at / last;
      const place = {
        x: (from?.x ?? 0) * (1 - share) + (to?.x ?? 0) * share,
        y: (from?.y ?? 0) * (1 - share) + (to?.y ?? 0) * share,
      };
      const key = arrivals.expect(`frame ${at}`, place);
      store.setUi({ scrub: null, playing: null });
      const node = await asked(core, "Cutting the edge", () => client.branch(edge, at));
      await arrivals.landed(key, node?.id ?? null);
      if (node && doc.nodes.has(node.id)) store.setUi({ selection: new Set([node.id]), focus: node.id });
    },

    async renderTake(edge, making) {
      const answer = await asked(core, "Rendering", () => client.take(edge, making));
      if (answer) jobs.mine(answer.jobs);
    },

    showTake(edge, take) {
      changes.make({ type: "SetActiveTake", edge, take });
    },

    setSeconds(edge, seconds) {
      if (!(seconds > 0)) return;
      changes.make({
        type: "SetFields",
        id: edge,
        values: { frames: framesIn(seconds, fpsOf(doc.settings)) },
      });
    },
  };
}
