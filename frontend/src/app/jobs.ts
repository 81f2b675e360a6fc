// Work under way: the queue as it is told live, and what to say when something that was asked for here ends.

import { mediaUrls } from "../api/client";
import type { News } from "../api/live";
import { type Id, isOpen, type Job } from "../model/rows";
import type { Actions } from "./actions";
import { asked, type Core } from "./core";
import type { Toast } from "./ui";

/** Jobs that have ended are kept for the panel, the newest ones. */
const KEPT = 200;

export interface Jobs
  extends Pick<Actions, "job" | "jobs" | "budget" | "setBudget" | "exportSequence" | "quote" | "finish"> {
  /** All jobs as the server knows them, after a start or a loss. */
  all(jobs: readonly Job[], paused: boolean): void;
  heard(news: Extract<News, { type: "job" | "progress" }>): void;
  /** Jobs that were asked for here; `change` asks again in other words, for what fails at the first attempt. */
  mine(jobs: readonly Job[], change?: Toast["action"]): void;
}

export function jobActions(core: Core): Jobs {
  const { store, doc, client, toasts } = core;
  const asking = new Map<Id, Toast["action"]>();
  /** How often the live line told of each job. */
  const told = new Map<Id, number>();

  function put(jobs: readonly Job[]): void {
    const map = new Map(store.now.jobs);
    for (const job of jobs) {
      ended(job);
      map.set(job.id, job);
    }
    const over = [...map.values()]
      .filter((job) => !isOpen(job))
      .sort((a, b) => (a.created < b.created ? -1 : 1));
    for (const job of over.slice(0, Math.max(0, over.length - KEPT))) map.delete(job.id);
    store.set({ jobs: map });
  }

  /** What was asked for in this tab says so when it is done or has failed; an edge shows that by itself. */
  function ended(job: Job): void {
    if (isOpen(job)) return;
    const change = asking.get(job.id);
    if (!asking.delete(job.id)) return;
    if (job.state === "failed" && !doc.edges.has(job.subject)) {
      // What fails at once would fail again.
      const action =
        change && job.attempts <= 1 ? change : { title: "Try again", run: () => void act("retry", [job.id]) };
      const text = action === change ? upper(job.failure) : `${job.title} failed: ${job.failure}`;
      toasts.say("bad", text, { hint: job.hint, action });
    }
    if (job.state === "done" && typeof job.result.path === "string") {
      toasts.say("good", `${job.title} is ready`, {
        hint: job.result.path,
        action: { title: "Open", run: () => void window.open(mediaUrls.film(job.id), "_blank", "noopener") },
      });
    }
  }

  function mine(jobs: readonly Job[], change: Toast["action"] = null): void {
    for (const job of jobs) asking.set(job.id, change);
    const known = store.now.jobs;
    // The live line may have been faster with later news of the same job.
    put(jobs.map((job) => known.get(job.id) ?? job));
  }

  async function act(what: Parameters<Actions["job"]>[0], ids: readonly Id[]): Promise<void> {
    const before = new Map(told);
    const answer = await asked(core, "The queue", () => client.job(what, ids));
    if (!answer) return;
    if (what === "retry") for (const id of ids) asking.set(id, null);
    if (ids.length === 0 && (what === "pause" || what === "resume")) store.set({ paused: what === "pause" });
    // What the live line told meanwhile is newer: a quick job may have ended before the answer came.
    put(answer.jobs.filter(({ id }) => told.get(id) === before.get(id)));
  }

  return {
    mine,
    all(jobs, paused) {
      store.set({ jobs: new Map(), paused });
      put(jobs);
    },
    heard(news) {
      if (news.type === "job") {
        told.set(news.job.id, (told.get(news.job.id) ?? 0) + 1);
        put([news.job]);
      } else {
        const job = store.now.jobs.get(news.id);
        if (job) put([{ ...job, doing: news.doing, share: news.share, preview: news.preview }]);
      }
    },

    job: act,
    jobs: () => [...store.now.jobs.values()],
    // A quote that can't be had is no error: the window shows none.
    quote: (sequence, making) => core.client.quote(sequence, making).catch(() => null),
    async finish(sequence, making, most) {
      const done = await asked(core, "Finishing", () => core.client.finish(sequence, making, most));
      const name = core.doc.sequences.get(sequence)?.name ?? "The path";
      if (done) core.toasts.say("good", `${name} is finished`);
    },
    async exportSequence(sequence, suffix) {
      const answer = await asked(core, "Exporting", () => client.export(sequence, suffix));
      if (answer) mine([answer.job]);
    },
    budget: () => asked(core, "The budget", () => client.budget()),
    async setBudget(total, perRequest) {
      await asked(core, "The budget", () => client.setBudget(total, perRequest));
    },
  };
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
