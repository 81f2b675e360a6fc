// One picture in five weathers, and the film that goes through them.

import { candidatesOf, cardSize, fpsOf, framesIn } from "../model/derive";
import { newId } from "../model/ids";
import { roomBetween } from "../model/places";
import { type Candidate, type Id, isOpen, type Job } from "../model/rows";
import { newStep } from "../model/walks";
import type { Actions } from "./actions";
import { asked, type Core } from "./core";
import { LASTS } from "./edges";
import type { Jobs } from "./jobs";
import type { MakingActions } from "./making";

/** In the order of the film; they are only words in a prompt. */
export const WEATHERS = ["fog", "rain", "snow", "evening", "storm"] as const;
const NAME = "The weather turns";

export type WeatherActions = Pick<Actions, "turnTheWeather">;

export function weatherActions(
  core: Core,
  making: Pick<MakingActions, "drafterFor">,
  jobs: Jobs,
  play: (sequence: Id) => unknown,
): WeatherActions {
  const { store, doc, client, changes, toasts } = core;

  /** The candidates that come of jobs, in their order; what failed has said so. */
  function candidatesOfJobs(node: Id, ids: readonly Id[]): Promise<Candidate[]> {
    const there = () => {
      const all = ids.map((id) => store.now.jobs.get(id));
      const tray = candidatesOf(doc, node);
      const found = all.map((job) => tray.find((one) => one.rendering === job?.result.rendering));
      const ready = all.every((job, i) => !job || (!isOpen(job) && (job.state !== "done" || found[i])));
      return ready ? found.flatMap((one) => one ?? []) : null;
    };
    return new Promise((resolve) => {
      const look = () => {
        const found = there();
        if (!found) return;
        stop();
        resolve(found);
      };
      const stop = store.subscribe(look);
      look();
    });
  }

  /** All in one go, so that one undo takes back all of it. */
  function filmOf(node: Id, candidates: readonly Candidate[]): void {
    const first = doc.nodes.get(node);
    if (!first || candidates.length === 0) return;
    const card = cardSize(doc.settings);
    const stride = card.width + roomBetween(card).x;
    const kept = candidates.map(({ id }, i) => ({
      candidate: id,
      node: newId("n"),
      take: newId("t"),
      x: Math.round(first.x + (i + 1) * stride),
      y: first.y,
    }));
    const stops = [
      { id: node, label: first.label },
      ...kept.map((one, i) => ({ id: one.node, label: candidates[i]?.label ?? "" })),
    ];
    const edges = stops.slice(1).map((to, i) => ({
      id: newId("e"),
      source: stops[i]?.id ?? node,
      target: to.id,
      frames: framesIn(LASTS, fpsOf(doc.settings)),
      engine: making.drafterFor("transition"),
      parameters: {},
      label: stops[i]?.label && to.label ? `${stops[i]?.label} to ${to.label}` : "",
    }));
    const steps = edges.map(({ id }) => {
      const { proposed: _, ...step } = newStep(id);
      return step;
    });
    const taken = new Set(Array.from(doc.sequences.values(), (row) => row.name));
    let name: string = NAME;
    for (let number = 2; taken.has(name); number++) name = `${NAME} ${number}`;
    const sequence = newId("s");
    changes.make(
      { type: "KeepCandidates", kept },
      ...edges.map((edge) => ({ type: "AddEdge" as const, edge })),
      { type: "AddSequence", sequence: { id: sequence, name, steps } },
    );
    store.setUi({ tray: null, selection: new Set(), focus: node, hint: false });
    core.view()?.fitAll();
    toasts.say("good", `“${name}” is saved as a sequence`, {
      action: { title: "Play it", run: () => play(sequence) },
    });
  }

  return {
    async turnTheWeather(node) {
      const engine = making.drafterFor("restyle");
      store.setUi({ tray: node });
      const ids: Id[] = [];
      for (const prompt of WEATHERS) {
        const one = { engine, parameters: {}, seed: null, prompt, like: null, count: 1 };
        const answer = await asked(core, "Restyling", () => client.restyle(node, one));
        const made: Job[] = answer?.jobs ?? [];
        jobs.mine(made);
        ids.push(...made.map((job) => job.id));
      }
      filmOf(node, await candidatesOfJobs(node, ids));
    },
  };
}
