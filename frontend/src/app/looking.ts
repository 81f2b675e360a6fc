// Selecting, finding, and other ways of looking at what is there.

import type { Places } from "../field/host";
import type { Doc } from "../model/doc";
import type { Id } from "../model/rows";
import { endsOf } from "../model/walks";
import type { Actions } from "./actions";
import { asked, type Core } from "./core";

const MOST_FOUND = 50;

export type LookingActions = Pick<Actions, "select" | "find" | "goTo" | "setLens" | "copy">;

export function lookingActions(core: Core): LookingActions {
  const { store, doc, client, toasts, live } = core;

  function select(ids: readonly Id[], how: "replace" | "add" | "toggle" = "replace"): void {
    const selection = new Set(how === "replace" ? [] : store.ui.selection);
    for (const id of ids) {
      if (how === "toggle" && selection.has(id)) selection.delete(id);
      else selection.add(id);
    }
    const last = ids.at(-1) ?? null;
    const focus = how === "replace" ? last : (last ?? store.ui.focus);
    store.setUi({ selection, focus });
    live.tell({ selection: [...selection] });
  }

  return {
    select,

    find: (text) => found(doc, text),

    goTo(id) {
      if (!doc.find(id)) return;
      const steps = doc.sequences.get(id)?.steps;
      if (steps) {
        store.setUi({ side: "sequences" });
        const nodes = steps.flatMap((step) => endsOf(doc, step) ?? []);
        if (nodes.length > 0) core.view()?.fit([...new Set(nodes)]);
        return;
      }
      const candidate = doc.candidates.get(id);
      if (candidate) store.setUi({ tray: candidate.node });
      select([id]);
      core.view()?.fit([candidate?.node ?? id]);
    },

    async setLens(by) {
      store.setUi({ lens: by });
      if (!by) {
        store.set({ lens: null });
        return;
      }
      const map = await asked(core, "Drawing the map", () => client.map(by));
      if (store.ui.lens !== by) return;
      if (!map) {
        store.setUi({ lens: null });
        store.set({ lens: null });
        return;
      }
      const lens: Places = new Map(Object.entries(map.places).map(([id, [x, y]]) => [id, { x, y }]));
      store.set({ lens });
    },

    async copy(text) {
      try {
        await navigator.clipboard.writeText(text);
        toasts.say("good", "Copied");
      } catch {
        toasts.say("bad", "The browser does not let us copy", { hint: text });
      }
    },
  };
}

/** Things whose name holds all words of a text; those that begin with it come first. */
export function found(doc: Doc, text: string): { id: Id; kind: string; label: string }[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const name = (id: Id) => doc.nodes.get(id)?.label ?? "";
  const all = [
    ...Array.from(doc.nodes.values(), ({ id, label }) => ({ id, kind: "node", label })),
    ...Array.from(doc.edges.values())
      .filter((edge) => !edge.hidden)
      .map((edge) => ({
        id: edge.id,
        kind: "edge",
        label: edge.label || [name(edge.source), name(edge.target)].filter(Boolean).join(" to "),
      })),
    ...Array.from(doc.boards.values(), ({ id, name: label }) => ({ id, kind: "board", label })),
    ...Array.from(doc.notes.values(), ({ id, text: label }) => ({ id, kind: "note", label })),
    ...Array.from(doc.sequences.values(), ({ id, name: label }) => ({ id, kind: "sequence", label })),
    ...Array.from(doc.candidates.values(), ({ id, label }) => ({ id, kind: "candidate", label })),
  ];
  const whole = words.join(" ");
  const score = ({ id, label }: { id: Id; label: string }) => {
    const low = label.toLowerCase();
    if (id === whole) return 4;
    if (!words.every((word) => low.includes(word))) return 0;
    return low === whole ? 3 : low.startsWith(whole) ? 2 : 1;
  };
  return all
    .filter((one) => score(one) > 0)
    .sort((a, b) => score(b) - score(a) || a.label.localeCompare(b.label))
    .slice(0, MOST_FOUND);
}
