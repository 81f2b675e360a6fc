// The live line: everybody's changes in the server's order, progress of jobs, and who else is here. It reconnects by itself.

import type { Presence } from "../field/host";
import type { Edit, Id, Job } from "../model/rows";

export type News =
  | { type: "hello"; client: string; seq: number; reset: boolean }
  | { type: "delta"; seq: number; op: string; actor: string; change: string; edits: Edit[] }
  | { type: "job"; job: Job }
  | { type: "progress"; id: Id; doing: string; share: number; preview: boolean }
  | { type: "presence"; clients: Presence[] };

export interface Whereabouts {
  cursor: [number, number] | null;
  selection: Id[];
}

export interface Listener {
  /** The last change that this tab knows: the server goes on from there. */
  since(): number;
  news(news: News): void;
  /** After the greeting, and when the line is lost. `failures`: how many attempts in a row did not succeed. */
  connected(on: boolean, failures: number): void;
}

// Seconds to wait after a loss, doubled each time; half of it is random, so that many tabs don't come back at once.
const SOONEST = 0.25;
const LATEST = 5;
/** The server's word for "you were too slow; come back and go on from where you are". */
const TOO_SLOW = 4008;
const PRESENCE_MS = 1000 / 15;

export class Live {
  private socket: WebSocket | null = null;
  private failures = 0;
  private greeted = false;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private where: Whereabouts = { cursor: null, selection: [] };
  private told = 0;
  private telling: ReturnType<typeof setTimeout> | null = null;
  private subjects: readonly Id[] = [];
  private readonly name: string;
  private readonly listener: Listener;

  constructor(name: string, listener: Listener) {
    this.name = name;
    this.listener = listener;
  }

  start(): void {
    window.addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.connect();
  }

  stop(): void {
    window.removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    for (const timer of [this.retry, this.telling]) if (timer) clearTimeout(timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  /** Others see where this tab points and what it has selected, at most 15 times a second. */
  tell(where: Partial<Whereabouts>): void {
    this.where = { ...this.where, ...where };
    if (this.telling) return;
    const wait = Math.max(0, this.told + PRESENCE_MS - performance.now());
    this.telling = setTimeout(() => {
      this.telling = null;
      this.told = performance.now();
      this.send({ type: "presence", ...this.where, name: this.name });
    }, wait);
  }

  /** What is on screen: its jobs run first. */
  look(subjects: readonly Id[]): void {
    this.subjects = subjects;
    this.send({ type: "look", subjects });
  }

  private connect(): void {
    this.retry = null;
    const address = new URL("/api/live", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("since", String(this.listener.since()));
    address.searchParams.set("name", this.name);
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      if (socket !== this.socket) return;
      const news = JSON.parse(data) as News;
      this.listener.news(news);
      if (news.type === "hello") this.greet();
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.lost(code);
    };
  }

  private greet(): void {
    this.failures = 0;
    this.greeted = true;
    this.listener.connected(true, 0);
    this.send({ type: "presence", ...this.where, name: this.name });
    if (this.subjects.length > 0) this.send({ type: "look", subjects: this.subjects });
  }

  private lost(code: number): void {
    this.socket = null;
    const resumes = code === TOO_SLOW && this.greeted;
    this.greeted = false;
    const longest = Math.min(LATEST, SOONEST * 2 ** this.failures);
    this.failures += 1;
    this.listener.connected(false, this.failures);
    this.retry = setTimeout(
      () => this.connect(),
      resumes ? 0 : 1000 * Math.max(SOONEST, longest * (0.5 + Math.random() / 2)),
    );
  }

  /** The network is back, or somebody looks: no more waiting. */
  private readonly hurry = () => {
    if (!this.retry || document.visibilityState === "hidden") return;
    clearTimeout(this.retry);
    this.connect();
  };

  private send(message: unknown): void {
    if (this.greeted && this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }
}
