// Pictures from pictures: variations, restyles, contact sheets; what comes of it lies in the node's tray until it is kept.

import type { Point } from "../field/host";
import { slots, trayBox } from "../field/tray";
import { candidatesOf, cardSize, openJobs } from "../model/derive";
import { newId } from "../model/ids";
import { type Box, freeSpots, occupied, roomBetween } from "../model/places";
import type { Edge, Id, Job, Node } from "../model/rows";
import type { Actions, Engine } from "./actions";
import { asked, type Core } from "./core";
import type { Jobs } from "./jobs";
import type { Arrivals } from "./pictures";
import type { Toast } from "./ui";

/** How many results fan out where nobody said how many. */
export const FAN = 4;
const CHOSEN = "forkframe.engines";

export interface MakingActions
  extends Pick<
    Actions,
    | "generate"
    | "vary"
    | "restyle"
    | "restyleEdge"
    | "animate"
    | "loop"
    | "mix"
    | "spread"
    | "more"
    | "estimate"
    | "discard"
  > {
  /** Candidates become nodes: near the node they were made from, or one at a place. */
  keep(candidates: readonly Id[], at?: Point): void;
  /** Restyles a node like another one, or like a board, with what the engine does by default. */
  restyleLike(node: Id, like: Id): Promise<void>;
  /** Contact sheet from a candidate. */
  spreadFrom(candidate: Id): Promise<void>;
  /** The engine that performs an operation unless somebody says otherwise. */
  engineFor(operation: string): string;
  /** The same for what starts without a form and without a price: drafts made on this machine. */
  drafterFor(operation: string): string;
  chooseEngine(operation: string, engine: string): void;
}

export function makingActions(
  core: Core,
  jobs: Jobs,
  arrivals: Arrivals,
  connect: (source: Id, target: Id) => unknown,
  play: (sequence: Id) => unknown,
): MakingActions {
  const { store, doc, client, changes, toasts } = core;

  /** Nodes whose next candidate brings what the engine has to say of the words that were asked for. */
  const listening = new Set<Id>();
  doc.subscribe((changed) => {
    if (listening.size === 0) return;
    for (const id of changed) {
      const candidate = doc.candidates.get(id);
      if (!candidate || !listening.delete(candidate.node)) continue;
      const said = (doc.renderings.get(candidate.rendering)?.notes ?? []).join("; ");
      if (said) toasts.say("plain", said.charAt(0).toUpperCase() + said.slice(1));
    }
  });

  /** The tray opens at once: it shows the jobs while they run. */
  async function fan(
    node: Id,
    what: string,
    ask: () => Promise<{ jobs: Job[] }>,
    change: Toast["action"] = null,
  ): Promise<void> {
    store.setUi({ tray: node, popup: null });
    const answer = await asked(core, what, ask);
    if (answer) jobs.mine(answer.jobs, change);
    else if (store.ui.tray === node && isEmpty(node)) store.setUi({ tray: null });
  }

  function isEmpty(node: Id): boolean {
    return candidatesOf(doc, node).length === 0 && openJobs(store.now.jobs, node).length === 0;
  }

  function engineFor(operation: string, fits = (_: Engine) => true): string {
    const able = store.now.engines.filter(
      (engine) => engine.available && operation in engine.operations && fits(engine),
    );
    const chosen = store.now.chosen[operation];
    const found =
      able.find(({ name }) => name === chosen) ?? able.find(({ name }) => name === "builtin") ?? able[0];
    return found?.name ?? "builtin";
  }

  function drafterFor(operation: string): string {
    return engineFor(operation, ({ tier, runs_on }) => tier === "draft" && runs_on !== "remote");
  }

  /** Cards with a bar lie below `from` until the new edge and its nodes are there; then the edge is selected. */
  async function newEdge(
    what: string,
    from: readonly Id[],
    ask: () => Promise<{ edge: Edge; nodes: readonly Id[] }>,
  ): Promise<void> {
    const rows = from.flatMap((id) => doc.nodes.get(id) ?? []);
    const keys = rows.map(({ x, y, label }) => arrivals.expect(label || what, below({ x, y })));
    const made = await asked(core, what, ask);
    await Promise.all(keys.map((key, i) => arrivals.landed(key, made?.nodes[i] ?? null)));
    const id = made?.edge.id;
    if (id && doc.edges.has(id)) store.setUi({ selection: new Set([id]), focus: id });
  }

  const restyle: Actions["restyle"] = (node, making) => {
    const { prompt: words, like } = making;
    const change = () => store.setUi({ popup: { kind: "restyle", node, like, words } });
    if (words) listening.add(node);
    return fan(
      node,
      "Restyling",
      () => client.restyle(node, making),
      words ? { title: "Change the words", run: change } : null,
    );
  };

  function keep(candidates: readonly Id[], at?: Point): void {
    const rows = candidates.flatMap((id) => doc.candidates.get(id) ?? []);
    const first = rows[0] && doc.nodes.get(rows[0].node);
    if (!first) return;
    const { thread } = store.ui;
    const led = thread?.source === first.id ? thread : null;
    const spots = at ? [at] : led ? [led.at] : [];
    const missing = rows.length - spots.length;
    if (missing > 0) {
      const card = cardSize(doc.settings);
      spots.push(...freeSpots(first, missing, card, [...occupied(doc), ...openTray(first, card)]));
    }
    const kept = rows.map(({ id }, i) => {
      const { x, y } = spots[i] ?? first;
      return { candidate: id, node: newId("n"), take: newId("t"), x: Math.round(x), y: Math.round(y) };
    });
    changes.make({ type: "KeepCandidates", kept });
    const nodes = kept.map((one) => one.node);
    store.setUi({ selection: new Set(nodes), focus: nodes.at(-1) ?? null });
    const [target] = nodes;
    if (led && target) {
      store.setUi({ thread: null });
      connect(led.source, target);
    }
  }

  /** About where the studio puts what comes of a picture. */
  function below({ x, y }: Point): Point {
    const card = cardSize(doc.settings);
    return { x, y: y + card.height + roomBetween(card).y };
  }

  /** What the open tray of a picture covers: what is kept from it is to be seen. */
  function openTray({ id, x, y }: Node, { height }: { height: number }): Box[] {
    if (store.ui.tray !== id) return [];
    const box = trayBox(slots(doc.candidatesOf(id).size, height));
    return box ? [{ ...box, x: box.x + x, y: box.y + y }] : [];
  }

  return {
    async generate(making) {
      const { prompt, count } = making;
      const card = cardSize(doc.settings);
      const spots = freeSpots(core.view()?.centre() ?? { x: 0, y: 0 }, count, card, occupied(doc));
      const keys = spots.map((spot) => arrivals.expect(prompt || "generating", spot));
      const places = spots.map(({ x, y }) => [Math.round(x), Math.round(y)] as const);
      const made = await asked(core, "Generating", () => client.generate({ ...making, places }));
      const nodes = made?.nodes ?? [];
      await Promise.all(keys.map((key, i) => arrivals.landed(key, nodes[i]?.id ?? null)));
      const there = nodes.map(({ id }) => id).filter((id) => doc.nodes.has(id));
      store.setUi({ selection: new Set(there), focus: there.at(-1) ?? null });
    },
    vary: (node, making) => fan(node, "Varying", () => client.vary(node, making)),
    restyle,
    restyleLike(node, like) {
      const making = { engine: drafterFor("restyle"), parameters: {}, seed: null };
      return restyle(node, { ...making, prompt: "", like, count: FAN });
    },
    async animate(node, making) {
      await newEdge("Animating", [node], async () => {
        const edge = await client.animate(node, making);
        return { edge, nodes: [edge.target] };
      });
    },
    async loop(node, making) {
      const row = doc.nodes.get(node);
      if (!row) return;
      const key = arrivals.expect(row.label || "Looping", below(row));
      const made = await asked(core, "Looping", () => client.loop(node, making));
      await arrivals.landed(key, made?.node.id ?? null);
      const sequence = doc.sequences.get(made?.sequence.id ?? "");
      if (!made || !sequence) return;
      const edges = made.edges.map(({ id }) => id);
      store.setUi({ selection: new Set(edges), focus: edges[0] ?? null });
      toasts.say("good", `“${sequence.name}” is saved as a sequence`, {
        action: { title: "Play it", run: () => play(sequence.id) },
      });
    },
    async mix(asking) {
      const first = doc.nodes.get(asking.nodes[0]?.node ?? "");
      if (!first) return;
      const key = arrivals.expect("mixing", below(first));
      const node = await asked(core, "Mixing", () => client.mix(asking));
      await arrivals.landed(key, node?.id ?? null);
      if (node && doc.nodes.has(node.id)) store.setUi({ selection: new Set([node.id]), focus: node.id });
    },
    async restyleEdge(id, making) {
      const { source, target } = doc.edges.get(id) ?? {};
      if (!source || !target) return;
      await newEdge("Restyling", [source, target], async () => {
        const edge = await client.restyleEdge(id, making);
        return { edge, nodes: [edge.source, edge.target] };
      });
    },
    spread: (node) => fan(node, "Spreading", () => client.spread(node)),

    async more(candidate) {
      const row = doc.candidates.get(candidate);
      if (row) await fan(row.node, "More like this", () => client.more(candidate));
    },
    async spreadFrom(candidate) {
      const row = doc.candidates.get(candidate);
      if (row) await fan(row.node, "Spreading", () => client.spread(candidate));
    },

    async estimate(operation, id, making, seconds) {
      const what = doc.edges.has(id) ? { edge: id } : id ? { node: id } : {};
      const subject = seconds === undefined ? what : { ...what, seconds };
      // A price that can't be had is no error: the panel shows none.
      return client.estimate(operation, subject, making).catch(() => null);
    },

    keep,
    discard(candidates) {
      const ids = candidates.filter((id) => doc.candidates.has(id));
      if (ids.length > 0) changes.make({ type: "Delete", ids });
    },

    engineFor: (operation) => engineFor(operation),
    drafterFor,
    chooseEngine(operation, engine) {
      const chosen = { ...store.now.chosen, [operation]: engine };
      store.set({ chosen });
      localStorage.setItem(CHOSEN, JSON.stringify(chosen));
    },
  };
}

/** The engines that were chosen in this browser, by operation. */
export function chosenEngines(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(CHOSEN) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}
