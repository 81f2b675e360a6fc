// A studio in memory for tests: fetch, uploads and the live line, answered as the server would, and a browser around them.

import { afterEach, beforeEach, vi } from "vitest";
import type { Envelope } from "../api/client";
import type { View } from "../field/host";
import { plan } from "../model/changes";
import type { Doc } from "../model/doc";
import type { Edit, Job, Node } from "../model/rows";
import { TABLES } from "../model/rows";
import { docOf, node } from "../model/samples";
import { type App, createApp } from "./app";

interface Answer {
  status: number;
  body: unknown;
}

/** One message sent, the way a socket does. */
class FakeSocket {
  static OPEN = 1;
  readyState = 1;
  readonly sent: { type: string }[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly since: number;

  constructor(address: URL) {
    this.since = Number(address.searchParams.get("since"));
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(code = 1000): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  tell(message: unknown): void {
    if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(message) });
  }
}

class FakeUpload {
  readonly upload: { onprogress: ((event: unknown) => void) | null } = { onprogress: null };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  status = 0;
  responseText = "";
  query = new URLSearchParams();
  private readonly studio: FakeStudio;

  constructor(studio: FakeStudio) {
    this.studio = studio;
  }
  open(_: string, url: string): void {
    this.query = new URL(url, "http://studio").searchParams;
  }
  setRequestHeader(): void {}
  send(file: Blob): void {
    this.studio.uploads.push(this);
    this.upload.onprogress?.({ lengthComputable: true, loaded: file.size / 2, total: file.size });
  }
  answer(status: number, body: unknown): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload?.();
  }
}

export class FakeStudio {
  readonly doc: Doc;
  jobs: Job[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly uploads: FakeUpload[] = [];
  /** "POST /api/changes" and the like, with their bodies, in order. */
  readonly asked: { path: string; body: unknown }[] = [];
  readonly changes: Envelope[] = [];
  /** Answers that tests prepare, by path; they win. */
  readonly prepared = new Map<string, Answer>();
  /** Nobody answers. */
  down = false;
  /** Changes take this long, in milliseconds. */
  slowness = 0;
  /** Changes are made, but their answers get lost. */
  deaf = false;
  private readonly log: { seq: number; op: string; actor: string; change: string; edits: Edit[] }[] = [];

  constructor(tables: Parameters<typeof docOf>[0] = {}) {
    this.doc = docOf(tables);
  }

  get live(): FakeSocket | undefined {
    return this.sockets.findLast((socket) => socket.readyState === 1);
  }

  /** A change of anybody, told to everybody. */
  make(op: string, edits: Edit[], { actor = "you", change = "SetFields" } = {}): number {
    const seq = this.doc.seq + 1;
    this.doc.confirm(seq, op, edits);
    this.log.push({ seq, op, actor, change, edits });
    this.live?.tell({ type: "delta", ...this.log.at(-1) });
    return seq;
  }

  /** The upload with a name has arrived. */
  land(name: string, id: string): void {
    const sent = this.uploads.findLast((one) => one.query.get("name") === name);
    const row: Node = node(id, Number(sent?.query.get("x")), Number(sent?.query.get("y")), { label: name });
    this.make(`op-${id}`, [{ table: "nodes", id, row }], { change: "AddNodes" });
    sent?.answer(200, [row]);
  }

  disconnect(): void {
    this.down = true;
    this.live?.close(1006);
  }

  connect(socket: FakeSocket): void {
    this.sockets.push(socket);
    if (this.down) {
      socket.close(1006);
      return;
    }
    socket.tell({ type: "hello", client: "k1", seq: this.doc.seq, reset: false });
    for (const delta of this.log) if (delta.seq > socket.since) socket.tell({ type: "delta", ...delta });
  }

  /** Stands in for everything of a browser that the app touches. */
  install(): void {
    const shelf = () => {
      const kept = new Map<string, string>();
      return {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
        removeItem: (key: string) => void kept.delete(key),
      };
    };
    const stay = { addEventListener() {}, removeEventListener() {} };
    vi.stubGlobal("sessionStorage", shelf());
    vi.stubGlobal("localStorage", shelf());
    vi.stubGlobal("location", { href: "http://127.0.0.1:4000/", protocol: "http:" });
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
    vi.stubGlobal("matchMedia", () => ({ matches: false, ...stay }));
    vi.stubGlobal("Element", class {});
    vi.stubGlobal("fetch", (path: string, request: RequestInit) => this.fetch(path, request));
    const studio = this;
    vi.stubGlobal(
      "WebSocket",
      class extends FakeSocket {
        constructor(address: URL) {
          super(address);
          setTimeout(() => studio.connect(this), 0);
        }
      },
    );
    vi.stubGlobal(
      "XMLHttpRequest",
      class extends FakeUpload {
        constructor() {
          super(studio);
        }
      },
    );
  }

  private async fetch(path: string, request: RequestInit): Promise<Response> {
    const body = request.body ? JSON.parse(String(request.body)) : undefined;
    if (this.down) throw new TypeError("network");
    if (path === "/api/changes" && this.slowness > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.slowness));
    }
    this.asked.push({ path: `${request.method} ${path}`, body });
    const { status, body: said } = this.prepared.get(path) ?? this.answer(path, body);
    if (this.deaf) throw new TypeError("network");
    return new Response(JSON.stringify(said), { status });
  }

  private answer(path: string, body: unknown): Answer {
    if (path === "/api/workspace") {
      const tables = Object.fromEntries(TABLES.map((table) => [table, [...rows(this.doc, table)]]));
      const head = { id: "w1", name: "trip", path: "/trip.forkframe", version: "1", seq: this.doc.seq };
      return { status: 200, body: { ...head, tables, jobs: this.jobs, paused: false } };
    }
    if (path === "/api/changes") return this.change(body as Envelope);
    if (path === "/api/jobs") return { status: 200, body: { jobs: this.jobs, paused: false } };
    if (path === "/api/engines") return { status: 200, body: [] };
    if (path === "/api/undo" || path === "/api/redo") {
      const { op_id } = body as { op_id: string };
      return { status: 200, body: { seq: this.make(op_id, [], { change: "Undo" }) } };
    }
    return { status: 404, body: { error: `there is no ${path}`, hint: "" } };
  }

  private change(envelope: Envelope): Answer {
    const known = this.log.find((one) => one.op === envelope.op_id);
    if (known) return { status: 200, body: { seq: known.seq, op_id: known.op, repeated: true } };
    this.changes.push(envelope);
    const edits = plan(this.doc, envelope);
    const seq = this.make(envelope.op_id, edits, { change: envelope.type });
    return { status: 200, body: { seq, op_id: envelope.op_id, repeated: false } };
  }
}

function rows(doc: Doc, table: (typeof TABLES)[number]): Iterable<unknown> {
  return table === "settings" ? (doc.settings ? [doc.settings] : []) : doc[table].values();
}

/** A canvas that only remembers what it was asked for. */
export function fakeView(over: Partial<View> = {}): View {
  return {
    fitAll() {},
    fit() {},
    reveal() {},
    pan() {},
    zoom() {},
    centre: () => ({ x: 0, y: 0 }),
    toCanvas: (screen) => screen,
    toScreen: (at) => at,
    boxOf: () => null,
    neighbour: () => null,
    drawEdge: () => false,
    stats: () => ({ frames: 0, script: [], renderer: "none" }),
    dispose() {},
    ...over,
  };
}

/** Lets everything that is under way go on, for some milliseconds of fake time. */
export async function pass(ms = 20): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

const opened: App[] = [];

/** Fake time and a fake browser around every test of a file, and nothing left of them afterwards. */
export function aroundEachTest(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    URL.createObjectURL = vi.fn((blob: Blob) => `blob:${(blob as File).name}`);
    URL.revokeObjectURL = vi.fn();
  });
  afterEach(() => {
    for (const app of opened.splice(0)) app.dispose();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

/** A studio with these rows, and an app that is connected to it. */
export async function open(
  tables: Parameters<typeof docOf>[0] = {},
): Promise<{ studio: FakeStudio; app: App }> {
  const studio = new FakeStudio(tables);
  studio.install();
  return { studio, app: await start() };
}

/** Another app in the same browser, as after a reload. */
export async function start(): Promise<App> {
  const app = await createApp();
  opened.push(app);
  await pass();
  return app;
}

/** What the toasts say, each in one line. */
export function said(app: App): string[] {
  return app.ui().toasts.map(({ tone, text, hint }) => [tone, text, hint].filter(Boolean).join(" | "));
}
