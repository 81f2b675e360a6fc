// What a person says of engines, which holds for all workspaces: whom to trust, keys, addresses, templates.

import type { Actions, Engine } from "./actions";
import { asked, type Core } from "./core";

export type EngineActions = Pick<
  Actions,
  "engines" | "allowEngine" | "keepKey" | "keepEngineSetting" | "teach"
>;

export function engineActions(core: Core): EngineActions {
  const { store, client, toasts } = core;

  /** The engines as they are after it. */
  async function told(what: string, ask: () => Promise<Engine[]>): Promise<void> {
    const engines = await asked(core, what, ask);
    if (engines) store.set({ engines });
  }

  return {
    engines: () => store.now.engines,
    allowEngine: (name, allowed) => told("Allowing it", () => client.allowEngine(name, allowed)),
    keepKey: (engine, key) => told("Keeping the key", () => client.keepKey(engine, key)),
    keepEngineSetting: (name, value) =>
      told("Keeping the setting", () => client.keepEngineSetting(name, value)),
    async teach(file) {
      const text = await file.text();
      const answer = await asked(core, "Taking it in", () => client.teach(file.name, text));
      if (!answer) return;
      toasts.say("good", answer.said);
      await told("Looking again", () => client.engines());
    },
  };
}
