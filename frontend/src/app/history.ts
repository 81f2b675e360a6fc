// Undo and redo of what this person did, the log, and how things were made.

import { newId } from "../model/ids";
import type { Actions } from "./actions";
import { asked, type Core } from "./core";

export type HistoryActions = Pick<Actions, "undo" | "redo" | "log" | "recipe">;

export function historyActions(core: Core): HistoryActions {
  const { client, changes } = core;
  const newOp = () => newId("o");
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other, however fast the keys are pressed. */
  function inTurn(work: () => Promise<unknown>): Promise<void> {
    const turn = last.then(async () => {
      await asked(core, "Taking back", work);
    });
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    undo: () =>
      inTurn(async () => {
        for (const op of changes.strides.back(newOp)) await client.undo(op);
      }),
    redo: () =>
      inTurn(async () => {
        for (const op of changes.strides.again(newOp)) await client.redo(op);
      }),
    log: async () => (await asked(core, "The log", () => client.log())) ?? [],
    recipe: (id) => asked(core, "The recipe", () => client.recipe(id)),
  };
}
