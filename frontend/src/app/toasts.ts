// Short lines that come up and go by themselves, bad news later: what failed stays in the list of jobs.

import { Refused, Unreachable } from "../api/client";
import { withNames } from "../model/named";
import type { Store } from "./store";
import type { Toast } from "./ui";

const MOST = 4;
const SHOWN_MS = 5000;
/** One with something to click stays longer. */
const OFFERED_MS = 9000;
const BAD_MS = 12_000;
/** After a pointer or the focus has left it. */
const LEFT_MS = 3000;

export class Toasts {
  private readonly store: Store;
  private last = 0;
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();
  /** Those that say that the studio can't be reached. */
  private readonly lost = new Set<number>();

  constructor(store: Store) {
    this.store = store;
  }

  say(tone: Toast["tone"], text: string, rest: Partial<Pick<Toast, "hint" | "action">> = {}): number {
    this.last += 1;
    const words = withNames(this.store.doc, text);
    const hint = withNames(this.store.doc, rest.hint ?? "");
    const toast: Toast = { key: this.last, tone, action: null, ...rest, text: words, hint };
    const others = this.store.ui.toasts.filter((one) => !(one.text === words && one.tone === tone));
    this.store.setUi({ toasts: room([...others, toast]) });
    this.leaveIn(toast.key, tone === "bad" ? BAD_MS : toast.action ? OFFERED_MS : SHOWN_MS);
    return toast.key;
  }

  /** Somebody reads it: it stays until they have left it. */
  hold(key: number, held: boolean): void {
    if (held) clearTimeout(this.timers.get(key));
    else this.leaveIn(key, LEFT_MS);
  }

  /** The studio is there again: that it was not is no news any more. */
  back(): void {
    for (const key of this.lost) this.dismiss(key);
  }

  private leaveIn(key: number, ms: number): void {
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => this.dismiss(key), ms),
    );
  }

  dismiss(key: number): void {
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.lost.delete(key);
    const toasts = this.store.ui.toasts.filter((one) => one.key !== key);
    if (toasts.length < this.store.ui.toasts.length) this.store.setUi({ toasts });
  }

  /** The server's line, or that it is not there; anything else is a fault of ours and is thrown on. */
  failed(error: unknown, tried = ""): void {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    const text = error.message.charAt(0).toUpperCase() + error.message.slice(1);
    const hint = error instanceof Unreachable && tried ? `${tried}: try again when it is back` : error.hint;
    const key = this.say("bad", text, { hint });
    if (error instanceof Unreachable) this.lost.add(key);
  }
}

/** At most four: the oldest one that is not bad goes first. */
function room(toasts: Toast[]): Toast[] {
  const kept = [...toasts];
  while (kept.length > MOST) {
    const plain = kept.findIndex((one) => one.tone !== "bad");
    kept.splice(plain >= 0 && plain < kept.length - 1 ? plain : 0, 1);
  }
  return kept;
}
