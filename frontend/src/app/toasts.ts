// Short lines that come up and go: good news goes by itself, bad news stays until it was seen.

import { Refused, Unreachable } from "../api/client";
import type { Store } from "./store";
import type { Toast } from "./ui";

const MOST = 4;
const SHOWN_MS = 5000;
/** One with something to click stays longer. */
const OFFERED_MS = 9000;

export class Toasts {
  private readonly store: Store;
  private last = 0;

  constructor(store: Store) {
    this.store = store;
  }

  say(tone: Toast["tone"], text: string, rest: Partial<Pick<Toast, "hint" | "action">> = {}): number {
    this.last += 1;
    const toast: Toast = { key: this.last, tone, text, hint: "", action: null, ...rest };
    const others = this.store.ui.toasts.filter((one) => !(one.text === text && one.tone === tone));
    this.store.setUi({ toasts: room([...others, toast]) });
    if (tone !== "bad") setTimeout(() => this.dismiss(toast.key), toast.action ? OFFERED_MS : SHOWN_MS);
    return toast.key;
  }

  dismiss(key: number): void {
    const toasts = this.store.ui.toasts.filter((one) => one.key !== key);
    if (toasts.length < this.store.ui.toasts.length) this.store.setUi({ toasts });
  }

  /** The server's line, or that it is not there; anything else is a fault of ours and is thrown on. */
  failed(error: unknown, tried = ""): void {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    const text = error.message.charAt(0).toUpperCase() + error.message.slice(1);
    const hint = error instanceof Unreachable && tried ? `${tried}: try again when it is back` : error.hint;
    this.say("bad", text, { hint });
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
