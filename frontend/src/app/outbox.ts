// Changes on their way to the server: sent one after the other, again after a loss, and kept over a reload.

import { type Envelope, Refused } from "../api/client";

export interface Post {
  send(envelope: Envelope): Promise<{ seq: number }>;
  answered(op: string, seq: number): void;
  refused(op: string, error: Refused): void;
  /** How many are not acknowledged yet. */
  waiting(count: number): void;
}

/** What sessionStorage is used as. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const RETRY_MS = 2000;
/** Not a refusal: the server can't just now, or does not know us until we have shown our token again. */
const LATER = [401, 408, 429, 502, 503, 504];

export class Outbox {
  private queue: Envelope[];
  private sending: Promise<void> | null = null;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private readonly post: Post;
  private readonly shelf: Shelf;
  private readonly key: string;

  /** `workspace`: changes for another one stay on the shelf until that is open again. */
  constructor(post: Post, shelf: Shelf, workspace: string) {
    this.post = post;
    this.shelf = shelf;
    this.key = `forkframe.outbox.${workspace}`;
    this.queue = this.left();
    post.waiting(this.queue.length);
  }

  /** What was not acknowledged yet, oldest first; after a reload what the former page left. */
  get unanswered(): readonly Envelope[] {
    return this.queue;
  }

  add(envelope: Envelope): void {
    this.queue.push(envelope);
    this.kept();
    this.resume();
  }

  /** Goes on sending, at once: called when the server is there again. */
  resume(): void {
    if (this.retry) clearTimeout(this.retry);
    this.retry = null;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
  }

  /** Resolves when nothing is being sent: what is asked for next finds all changes made, or the server gone. */
  async settled(): Promise<void> {
    while (this.sending) await this.sending;
  }

  stop(): void {
    if (this.retry) clearTimeout(this.retry);
  }

  private async sendAll(): Promise<void> {
    for (let next = this.queue[0]; next; next = this.queue[0]) {
      try {
        const { seq } = await this.post.send(next);
        this.shift();
        this.post.answered(next.op_id, seq);
      } catch (error) {
        if (!(error instanceof Refused) || LATER.includes(error.status)) {
          this.retry = setTimeout(() => this.resume(), RETRY_MS);
          return;
        }
        this.shift();
        this.post.refused(next.op_id, error);
      }
    }
  }

  private shift(): void {
    this.queue.shift();
    this.kept();
  }

  private kept(): void {
    this.post.waiting(this.queue.length);
    try {
      if (this.queue.length > 0) this.shelf.setItem(this.key, JSON.stringify(this.queue));
      else this.shelf.removeItem(this.key);
    } catch {
      // A full or forbidden shelf only means that a reload forgets what waits; it is still sent from here.
    }
  }

  private left(): Envelope[] {
    try {
      return JSON.parse(this.shelf.getItem(this.key) ?? "[]") as Envelope[];
    } catch {
      return [];
    }
  }
}
