/** Jobs by what they are for, and what the tiles of edges tell, worked out once until something changes. */

import type { Edge, Id, Job } from "../model/rows";
import { isOpen } from "../model/rows";
import type { Host } from "./host";
import { type EdgeState, edgeState } from "./moment";

export class Jobs {
  readonly #host: Host;
  #bySubject: Map<Id, Job[]> | null = null;
  readonly #states = new Map<Id, EdgeState>();
  readonly #trays = new Map<Id, Id[]>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** After rows changed. */
  forget(): void {
    this.forgetJobs();
    this.#trays.clear();
  }

  /** After anything else changed. */
  forgetJobs(): void {
    this.#bySubject = null;
    this.#states.clear();
  }

  of(subject: Id): readonly Job[] {
    if (!this.#bySubject) {
      this.#bySubject = new Map();
      for (const job of this.#host.jobs().values()) {
        const others = this.#bySubject.get(job.subject);
        if (others) others.push(job);
        else this.#bySubject.set(job.subject, [job]);
      }
    }
    return this.#bySubject.get(subject) ?? NONE;
  }

  /** Renderings on their way for a node: candidates to be. */
  coming(node: Id): readonly Job[] {
    const jobs = this.of(node);
    return jobs.length === 0 ? NONE : jobs.filter((job) => job.kind === "rendering" && isOpen(job));
  }

  state(edge: Edge): EdgeState {
    const known = this.#states.get(edge.id);
    if (known) return known;
    const jobs = this.of(edge.id);
    const job =
      jobs.find(isOpen) ??
      jobs.reduce<Job | undefined>((a, b) => (a && a.created > b.created ? a : b), undefined);
    const state = edgeState(this.#host.doc, edge, job);
    this.#states.set(edge.id, state);
    return state;
  }

  /** The candidates in the tray of a node, in the order they were made. */
  tray(node: Id): readonly Id[] {
    const known = this.#trays.get(node);
    if (known) return known;
    const ids = this.#host.doc.candidatesOf(node);
    if (ids.size === 0) return NO_IDS;
    const tray = [...ids];
    this.#trays.set(node, tray);
    return tray;
  }
}

const NONE: readonly Job[] = [];
const NO_IDS: readonly Id[] = [];
