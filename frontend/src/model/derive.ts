// What follows from the rows and the jobs: what an edge is up to, what lies on a board, how big a card is.

import type { Doc } from "./doc";
import type { Board, Candidate, Edge, Id, Job, Node, Settings, Take } from "./rows";
import { isOpen } from "./rows";

/** Of every node's card, in canvas units. */
export const CARD_WIDTH = 240;

export interface EdgeState {
  /** An open job comes first; a failure counts only as long as there is nothing to show. */
  state: "none" | "queued" | "running" | "ready" | "stale" | "failed";
  /** The take that can be shown meanwhile, whatever the state; null if there is none. */
  take: Take | null;
  tier: Take["tier"] | null;
  /** How far the running job is, 0–1. */
  share: number;
  doing: string;
  /** Why it failed, in one line, and what to try. */
  reason: string;
  hint: string;
  /** The job that is open or failed. */
  job: Job | null;
  /** How long it plays at its own speed. */
  seconds: number;
}

/** Frames per second of an exact fraction, such as "30000/1001". */
export function rate(fraction: string): number {
  const [over, under = "1"] = fraction.split("/");
  const value = Number(over) / Number(under);
  return Number.isFinite(value) && value > 0 ? value : 24;
}

export function fpsOf(settings: Settings | undefined): number {
  return rate(settings?.frame?.fps ?? settings?.fps ?? "24");
}

/** F = round(s · fps) + 1, the frames of an edge that lasts `seconds`, both ends included; at least 3. */
export function framesIn(seconds: number, fps: number): number {
  return Math.max(3, Math.round(Math.min(600, seconds) * fps) + 1);
}

/** Of every node, in canvas units. */
export function cardSize(settings: Settings | undefined): { width: number; height: number } {
  const { width, height } = settings?.frame ?? { width: 16, height: 9 };
  return { width: CARD_WIDTH, height: Math.round((CARD_WIDTH * height) / width) };
}

/** Whether a take was made for pictures, a length or a frame that its edge no longer has. */
export function isStale(doc: Doc, edge: Edge, take: Take): boolean {
  const made = take.rendering && doc.renderings.get(take.rendering)?.frame;
  if (!made) return false;
  const ends = [doc.nodes.get(edge.source)?.framed, doc.nodes.get(edge.target)?.framed];
  const frame = doc.settings?.frame;
  return (
    take.ends[0] !== ends[0] ||
    take.ends[1] !== ends[1] ||
    take.last - take.first + 1 !== edge.frames ||
    made[0] !== frame?.width ||
    made[1] !== frame.height ||
    rate(made[2]) !== rate(frame.fps)
  );
}

/** The take that an edge shows, or the one that a step of a path pins; null if there is none yet. */
export function shownTake(doc: Doc, edge: Id, pinned: Id | null = null): Take | null {
  const key = pinned ?? doc.edges.get(edge)?.active;
  const take = key ? doc.takes.get(key) : undefined;
  return take?.rendering ? take : null;
}

/** How many frames an edge, or a pinned take of it, has: both ends included. */
export function framesOf(doc: Doc, edge: Id, pinned: Id | null = null): number {
  const take = shownTake(doc, edge, pinned);
  return take ? take.last - take.first + 1 : (doc.edges.get(edge)?.frames ?? 1);
}

export function edgeState(doc: Doc, jobs: ReadonlyMap<Id, Job>, edge: Edge): EdgeState {
  const take = shownTake(doc, edge.id);
  const own = jobsOf(jobs, edge.id);
  const open = own.find((job) => job.state === "running") ?? own.find(isOpen) ?? null;
  const base = {
    take,
    tier: take?.tier ?? null,
    share: 0,
    doing: "",
    reason: "",
    hint: "",
    job: open,
    seconds: (framesOf(doc, edge.id) - 1) / fpsOf(doc.settings),
  };
  if (open) {
    const state = open.state === "running" ? "running" : "queued";
    return { ...base, state, share: open.share, doing: open.doing };
  }
  if (take) return { ...base, state: isStale(doc, edge, take) ? "stale" : "ready" };
  const [failed] = own
    .filter((job) => job.state === "failed")
    .sort((a, b) => (a.created < b.created ? 1 : -1));
  if (failed) return { ...base, state: "failed", job: failed, reason: failed.failure, hint: failed.hint };
  const last = takesOf(doc, edge.id).at(-1);
  return last ? { ...base, state: "failed", reason: last.failure } : { ...base, state: "none" };
}

/** The takes of an edge or node, oldest first. */
export function takesOf(doc: Doc, owner: Id): Take[] {
  return [...doc.takesOf(owner)].flatMap((id) => doc.takes.get(id) ?? []);
}

/** The candidates in a node's tray, oldest first. */
export function candidatesOf(doc: Doc, node: Id): Candidate[] {
  return [...doc.candidatesOf(node)].flatMap((id) => doc.candidates.get(id) ?? []);
}

/** The nodes whose centre is inside a board. */
export function nodesOn(doc: Doc, { x, y, width, height }: Board): Node[] {
  return [...doc.nodes.values()].filter(
    (node) => x <= node.x && node.x <= x + width && y <= node.y && node.y <= y + height,
  );
}

/** Jobs for one thing that have not ended, in the order they were asked for. */
export function openJobs(jobs: ReadonlyMap<Id, Job>, subject: Id): Job[] {
  return jobsOf(jobs, subject).filter(isOpen);
}

const bySubject = new WeakMap<ReadonlyMap<Id, Job>, Map<Id, Job[]>>();

/** The map of jobs is replaced when one changes, so what is known about a map stays true. */
function jobsOf(jobs: ReadonlyMap<Id, Job>, subject: Id): readonly Job[] {
  let known = bySubject.get(jobs);
  if (!known) {
    known = new Map();
    for (const job of jobs.values()) {
      const list = known.get(job.subject);
      if (list) list.push(job);
      else known.set(job.subject, [job]);
    }
    bySubject.set(jobs, known);
  }
  return known.get(subject) ?? [];
}
