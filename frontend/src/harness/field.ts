/** The canvas by itself, on made-up data: `?n=10000` nodes; P path, M lens, F fit, T tray, R reduced motion. */

import { START, type Ui } from "../app/ui";
import { Canvas } from "../field/canvas";
import type { Arrival, Host, Point, Presence } from "../field/host";
import { Doc } from "../model/doc";
import type { Edge, Edit, Id, Job } from "../model/rows";
import { FakeMedia, swirl } from "./fake";
import { addCorner, fakeEdge, fakeRows, rendered } from "./rows";

const asked = new URLSearchParams(location.search);
const count = Number(asked.get("n") ?? 10000);
const media = new FakeMedia(count);
const doc = new Doc();
const jobs = new Map<Id, Job>();
const listeners = new Set<() => void>();
const told: unknown[][] = [];
let ui: Ui = { ...START, connected: "live", reducedMotion: asked.has("still") };
let lens: Map<Id, Point> | null = null;
const arrivals: Arrival[] = [];
const presences: Presence[] = [];

function tell(change: Partial<Ui> = {}): void {
  ui = { ...ui, ...change };
  for (const listener of listeners) listener();
}

function change(edits: Edit[]): void {
  doc.confirm(doc.seq + 1, `o${doc.seq}`, edits);
}

function job(id: Id, subject: Id, state: Job["state"], share: number): void {
  const rest = {
    title: "",
    engine: "builtin",
    doing: "",
    preview: false,
    attempts: 1,
    seconds: 1,
    dollars: 0,
  };
  const more = { failure: "", hint: "", remote: "", parent: "", created: "", took: 0, story: [], result: {} };
  jobs.set(id, { id, kind: "rendering", subject, state, share, ...rest, ...more });
}

const host: Host = {
  doc,
  media,
  ui: () => ui,
  jobs: () => jobs,
  presences: () => presences,
  arrivals: () => arrivals,
  lens: () => lens,
  previewField: async (source, target) => {
    told.push(["previewField", source, target]);
    return swirl();
  },
  subscribe: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  select: (ids, how) => {
    const selection = new Set(how === "replace" ? ids : [...ui.selection, ...ids]);
    if (how === "toggle") for (const id of ids) if (ui.selection.has(id)) selection.delete(id);
    tell({ selection, focus: ids[0] ?? null });
  },
  move: (places) => {
    told.push(["move", places.size]);
    const edits: Edit[] = [];
    for (const [id, at] of places) {
      const [node, board, note] = [doc.nodes.get(id), doc.boards.get(id), doc.notes.get(id)];
      if (node) edits.push({ table: "nodes", id, row: { ...node, ...at } });
      if (board) edits.push({ table: "boards", id, row: { ...board, ...at } });
      if (note) edits.push({ table: "notes", id, row: { ...note, ...at } });
    }
    change(edits);
  },
  resizeBoard: (id, box) => {
    const board = doc.boards.get(id);
    if (board) change([{ table: "boards", id, row: { ...board, ...box } }]);
  },
  connect: (source, target) => {
    told.push(["connect", source, target]);
    const id = `ex${doc.seq}`;
    const edge: Edge = fakeEdge(id, Number(source.slice(1)), Number(target.slice(1)));
    change([{ table: "edges", id, row: edge }]);
    job(`j${id}`, id, "running", 0.4);
    tell();
  },
  offerTarget: (...what) => told.push(["offerTarget", ...what]),
  restyleLike: (...what) => told.push(["restyleLike", ...what]),
  open: (...what) => told.push(["open", ...what]),
  step: ({ kind, id }) => {
    told.push(["step", kind, id]);
    if (kind !== "edge") return;
    const path = ui.path ?? { sequence: null, name: "", start: null, steps: [], joint: null, loop: false };
    const step = {
      edge: id,
      reverse: false,
      take: null,
      speed: 1,
      hold: 0,
      proposed: path.steps.length % 2 === 1,
    };
    tell({ path: { ...path, steps: [...path.steps, step] } });
  },
  scrub: (edge, t) => tell({ scrub: edge ? { edge, t } : null }),
  candidate: (...what) => told.push(["candidate", ...what]),
  openTray: (tray) => tell({ tray }),
  foldTray: () => tell({ tray: null }),
  menu: (...what) => told.push(["menu", ...what]),
  bring: (files, at) => {
    files.forEach((file, i) => {
      const place = { x: at.x + 260 * i, y: at.y };
      const preview = URL.createObjectURL(file);
      arrivals.push({
        key: `${file.name}${i}`,
        name: file.name,
        at: place,
        share: 0.4,
        preview,
        failure: "",
      });
    });
    tell();
  },
  pointAt: () => undefined,
  insets: () => ({ top: 0, right: 0, bottom: 0, left: 0 }),
  hover: () => undefined,
  lookAt: (ids) => told.push(["lookAt", ids.length]),
};

/** Nodes sorted by their number's digits, in a tight grid: what a map does to them. */
function map(): Map<Id, Point> {
  const ids = [...doc.nodes.keys()].sort((a, b) =>
    a.split("").reverse().join("") < b.split("").reverse().join("") ? -1 : 1,
  );
  const columns = Math.ceil(Math.sqrt(ids.length * 0.6));
  return new Map(ids.map((id, i) => [id, { x: (i % columns) * 264, y: Math.floor(i / columns) * 160 }]));
}

window.addEventListener("keydown", ({ key }) => {
  if (key === "p") tell({ mode: ui.mode === "path" ? "wander" : "path" });
  if (key === "f") canvas.fitAll();
  if (key === "t") tell({ tray: ui.tray ? null : "n4" });
  if (key === "r") tell({ reducedMotion: !ui.reducedMotion });
  if (key === "m") {
    lens = lens ? null : map();
    tell({ lens: lens ? "composition" : null });
  }
  if (key.startsWith("Arrow")) {
    const direction = key.slice(5).toLowerCase() as "left" | "right" | "up" | "down";
    const focus = canvas.neighbour(ui.focus, direction);
    if (focus) tell({ focus, selection: new Set([focus]) });
  }
});

await media.load();
const rows = fakeRows(count);
if (count >= 8) addCorner(rows);
const opened = performance.now();
doc.reset(rows, 1);
const element = document.getElementById("canvas") as HTMLElement;
if (asked.has("nogl")) {
  const made = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (
    this: HTMLCanvasElement,
    kind: string,
    options?: unknown,
  ) {
    return kind === "webgl2"
      ? null
      : made.call(this, kind as "2d", options as CanvasRenderingContext2DSettings);
  } as typeof made;
}
const canvas = new Canvas(element, host);
if (count >= 8) {
  job("j1", "e00003", "running", 0.6);
  job("j2", "e00010", "queued", 0);
  job("j3", "n4", "running", 0.3);
  job("j4", "e00017", "failed", 0);
  const someone = { client: "k", name: "Ada", colour: "#e58fb1", selection: ["n5"] };
  presences.push({ ...someone, cursor: { x: 700, y: 200 } });
  arrivals.push({
    key: "a",
    name: "broken.heic",
    at: { x: -360, y: 420 },
    share: 0,
    preview: null,
    failure: "broken.heic is not a picture",
  });
  tell();
}
Object.assign(window, { forkframe: { canvas, host, doc, told, tell, rendered, opened } });
