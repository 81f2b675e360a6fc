// What all parts of the app share.

import type { Client } from "../api/client";
import type { Live } from "../api/live";
import type { View } from "../field/host";
import type { Doc } from "../model/doc";
import type { Changes } from "./changes";
import type { Store } from "./store";
import type { Toasts } from "./toasts";

export interface Core {
  readonly store: Store;
  readonly doc: Doc;
  readonly client: Client;
  readonly changes: Changes;
  readonly toasts: Toasts;
  readonly live: Live;
  view(): View | null;
}

/**
 * What the server answers to something that is no plain change; null if it was refused, which ends as a toast.
 *
 * Waits until the changes made before have arrived, so that it finds what they made.
 */
export async function asked<T>(core: Core, what: string, ask: () => Promise<T>): Promise<T | null> {
  try {
    await core.changes.settled();
    return await ask();
  } catch (error) {
    core.toasts.failed(error, what);
    return null;
  }
}
