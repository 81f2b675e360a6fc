// Plain changes: they show at once, travel in order, and are taken back if the server refuses them.

import type { Client, Envelope, Refused } from "../api/client";
import { type Change, plan } from "../model/changes";
import { newId } from "../model/ids";
import type { Edit } from "../model/rows";
import { Outbox, type Shelf } from "./outbox";
import type { Store } from "./store";
import { Strides } from "./strides";
import type { Toasts } from "./toasts";

export class Changes {
  /** What one undo takes back. */
  readonly strides = new Strides();
  private readonly store: Store;
  private readonly outbox: Outbox;

  constructor(store: Store, toasts: Toasts, client: Client, shelf: Shelf) {
    this.store = store;
    this.outbox = new Outbox(
      {
        send: (envelope) => client.change(envelope),
        answered: (op, seq) => store.doc.answered(op, seq),
        refused: (op: string, error: Refused) => {
          store.doc.refuse(op);
          this.strides.refused(op);
          toasts.failed(error);
        },
        waiting: (waiting) => store.set({ waiting }),
      },
      shelf,
      store.now.workspace.id,
    );
    for (const envelope of this.outbox.unanswered)
      store.doc.propose(envelope.op_id, plan(store.doc, envelope));
    this.outbox.resume();
  }

  /**
   * Makes changes that belong together: one undo takes back all of them. What would change nothing is left out.
   * Returns the ids under which they travel.
   */
  make(...changes: readonly Change[]): string[] {
    const ops: string[] = [];
    for (const change of changes) {
      const edits = plan(this.store.doc, change);
      if (edits.length > 0 && edits.every((edit) => this.changesNothing(edit))) continue;
      const envelope: Envelope = { op_id: newId("o"), base_seq: this.store.doc.seq, ...change };
      ops.push(envelope.op_id);
      this.store.doc.propose(envelope.op_id, edits);
      this.outbox.add(envelope);
    }
    if (ops.length > 0) this.strides.made(ops);
    return ops;
  }

  /** Resolves when nothing is on its way. */
  settled(): Promise<void> {
    return this.outbox.settled();
  }

  /** The server is there again. */
  resume(): void {
    this.outbox.resume();
  }

  stop(): void {
    this.outbox.stop();
  }

  private changesNothing(edit: Edit): boolean {
    const before = this.store.doc.find(edit.id);
    return JSON.stringify(before?.row ?? null) === JSON.stringify(edit.row);
  }
}
