// Naming, rating, framing, deleting, boards, notes and tidying.

import { CARD_WIDTH, cardSize } from "../model/derive";
import type { Doc } from "../model/doc";
import { newId } from "../model/ids";
import { titleOf } from "../model/named";
import { around, boxAt } from "../model/places";
import type { Id } from "../model/rows";
import type { Actions } from "./actions";
import { asked, type Core } from "./core";
import { tidied } from "./tidy";

/** Between a board's border and the cards that it was drawn around, and above them for its tab. */
const MARGIN = 36;
const TAB = 28;
const COLOURS = ["#8a8f98", "#7f9bb0", "#b08f6f", "#8fa57d", "#a884a0", "#b5a36a"] as const;

export type ThingActions = Pick<
  Actions,
  "setFields" | "rate" | "crop" | "remove" | "heal" | "addBoard" | "addNote" | "writeNote" | "tidy"
>;

export function thingActions(core: Core, undo: () => Promise<void>): ThingActions {
  const { store, doc, client, changes, toasts } = core;

  function heal(node: Id): void {
    changes.make({ type: "Delete", ids: [node], heal: true });
  }

  return {
    setFields(id, values) {
      changes.make({ type: "SetFields", id, values });
    },

    rate(ids, stars) {
      const nodes = ids.filter((id) => doc.nodes.has(id));
      changes.make(...nodes.map((id) => ({ type: "SetFields" as const, id, values: { rating: stars } })));
    },

    async crop(node, crop) {
      await asked(core, "Reframing", () => client.crop(node, crop));
    },

    remove(ids) {
      const there = ids.filter((id) => doc.find(id));
      if (there.length === 0) return;
      const branch = there.length === 1 ? doc.nodes.get(there[0] ?? "") : undefined;
      const healed = branch?.cut?.halves.every((half) => doc.edges.get(half)?.hidden === false);
      const line = `${goneWith(doc, there)} deleted`;
      const ops = changes.make({ type: "Delete", ids: there });
      if (ops.length === 0) return;
      if (!branch || !healed) {
        const back = () => {
          if (changes.strides.isLast(ops)) void undo();
          else toasts.say("plain", "Something else was done since", { hint: "undo until it is back" });
        };
        toasts.say("plain", line, { action: { title: "Undo", run: back } });
        return;
      }
      const instead = async () => {
        if (!changes.strides.isLast(ops)) {
          toasts.say("plain", "Something else was done since", {
            hint: "undo until the picture is back, then heal it",
          });
          return;
        }
        await undo();
        heal(branch.id);
      };
      toasts.say("plain", "The edge is still cut there", {
        action: { title: "Heal it", run: () => void instead() },
      });
    },

    heal,

    addBoard(ids) {
      const card = cardSize(doc.settings);
      const nodes = ids.flatMap((id) => doc.nodes.get(id) ?? []);
      const notes = ids.flatMap((id) => doc.notes.get(id) ?? []);
      const inside = around([
        ...nodes.map((node) => boxAt(node, card)),
        ...notes.map((note) => ({ ...note, height: note.width / 3 })),
      ]);
      const centre = core.view()?.centre() ?? { x: 0, y: 0 };
      const box = inside ?? boxAt(centre, { width: 3 * CARD_WIDTH, height: 2 * card.height });
      const id = newId("b");
      const board = {
        id,
        name: freeName("Board", new Set(Array.from(doc.boards.values(), (one) => one.name))),
        x: Math.round(box.x - MARGIN),
        y: Math.round(box.y - MARGIN - TAB),
        width: Math.round(box.width + 2 * MARGIN),
        height: Math.round(box.height + 2 * MARGIN + TAB),
        colour: COLOURS[doc.boards.size % COLOURS.length] ?? COLOURS[0],
      };
      changes.make({ type: "AddBoard", board });
      store.setUi({ selection: new Set([id]), focus: id, popup: { kind: "edit", id, field: "name" } });
    },

    addNote({ x, y }, text) {
      if (text.trim() === "") return;
      const id = newId("x");
      changes.make({ type: "AddNote", note: { id, text, x, y, width: CARD_WIDTH } });
      store.setUi({ selection: new Set([id]), focus: id });
    },

    writeNote(note, text) {
      if (!doc.notes.has(note)) return;
      if (text.trim() === "") changes.make({ type: "Delete", ids: [note] });
      else changes.make({ type: "SetFields", id: note, values: { text } });
    },

    tidy(ids) {
      const layout = tidied(doc, ids);
      const moved = [...layout].filter(
        ([id, { x, y }]) => doc.nodes.get(id)?.x !== x || doc.nodes.get(id)?.y !== y,
      );
      if (moved.length === 0) return;
      const places = Object.fromEntries(moved.map(([id, { x, y }]) => [id, [x, y] as [number, number]]));
      changes.make({ type: "MoveNodes", places });
    },
  };
}

/** "cat and 4 edges": what is deleted with these. */
function goneWith(doc: Doc, ids: readonly Id[]): string {
  const lost = new Set(
    ids.flatMap((id) => (doc.nodes.has(id) ? [...doc.edgesOf(id)] : [])).filter((id) => !ids.includes(id)),
  );
  const edges = [...lost].filter((id) => doc.edges.get(id)?.hidden === false).length;
  const [first = "", ...others] = ids;
  const kind = { nodes: "picture", edges: "edge", boards: "board", notes: "note", sequences: "sequence" };
  const table = doc.find(first)?.table ?? "nodes";
  const same = ids.every((id) => doc.find(id)?.table === table);
  const word = same && table in kind ? kind[table as keyof typeof kind] : "thing";
  const name = titleOf(doc, first) || (word === "thing" ? "It" : `A ${word}`.replace("A edge", "An edge"));
  const things = others.length === 0 ? name : `${ids.length} ${word}s`;
  return edges === 0 ? things : `${things} and ${edges} ${edges === 1 ? "edge" : "edges"}`;
}

/** "Board 1", "Board 2" …: the first that is not taken. */
export function freeName(word: string, taken: ReadonlySet<string>): string {
  let number = 1;
  while (taken.has(`${word} ${number}`)) number += 1;
  return `${word} ${number}`;
}
