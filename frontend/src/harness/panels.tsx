// The panels with a made-up workspace behind them, to be looked at: /src/harness/panels.html. It is not shipped.

import { createRoot } from "react-dom/client";
import type { App } from "../app/app";
import { COMMANDS } from "../app/commands";
import { START, type Ui } from "../app/ui";
import type { View } from "../field/host";
import type { Job } from "../model/rows";
import { type Studio, StudioProvider } from "../panels/context";
import { Panels } from "../panels/Panels";
import { ENGINES, emptyWorkspace, JOBS, LOG, RECIPE, workspace } from "./panels.data";
import "../styles/index.css";

const files = import.meta.glob<string>("../../../src/forkframe/demo/photographs/*.jpg", {
  query: "?url",
  import: "default",
  eager: true,
});

/** The photographs as they would sit in a frame of 3:2. */
async function framed(): Promise<Map<string, HTMLCanvasElement>> {
  const all = Object.entries(files).map(async ([path, url]) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [960, 640];
    const scale = Math.max(960 / image.width, 640 / image.height);
    const [w, h] = [image.width * scale, image.height * scale];
    canvas.getContext("2d")?.drawImage(image, (960 - w) / 2, (640 - h) / 2, w, h);
    return [path.replace(/.*\/|\.jpg/g, ""), canvas] as const;
  });
  return new Map(await Promise.all(all));
}

const pictures = await framed();
const urls = new Map([...pictures].map(([name, canvas]) => [name, canvas.toDataURL("image/webp", 0.8)]));
const originals = new Map(
  Object.entries(files).map(([path, url]) => [`original-${path.replace(/.*\/|\.jpg/g, "")}`, url]),
);
const empty = location.search.includes("empty");
const doc = empty ? emptyWorkspace() : workspace();

let ui: Ui = { ...START, connected: "live" };
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of [...listeners]) listener();
};
doc.subscribe(tell);

function cross(from: string, to: string, t: number, into: HTMLCanvasElement): boolean {
  const [one, other, context] = [pictures.get(from), pictures.get(to), into.getContext("2d")];
  if (!one || !other || !context) return false;
  context.globalAlpha = 1;
  context.drawImage(one, 0, 0, into.width, into.height);
  context.globalAlpha = t;
  context.drawImage(other, 0, 0, into.width, into.height);
  return true;
}

const view = {
  boxOf: (id: string) => {
    const node = doc.nodes.get(id);
    return node ? { x: node.x - 120, y: node.y - 80, width: 240, height: 160 } : null;
  },
  drawEdge(id: string, t: number, into: HTMLCanvasElement) {
    const edge = doc.edges.get(id);
    return edge ? cross(edge.source.slice(1), edge.target.slice(1), t, into) : false;
  },
} as unknown as View;

const jobs = new Map<string, Job>(empty ? [] : JOBS.map((job) => [job.id, job]));
const strips = new Map<string, string>();

function strip(take: string, count: number, side: number): string {
  const known = strips.get(take);
  if (known) return known;
  const edge = doc.edges.get(doc.takes.get(take)?.owner ?? "");
  const row = document.createElement("canvas");
  [row.width, row.height] = [count * side, Math.round((side * 2) / 3)];
  for (let at = 0; at < count; at++) {
    const cell = document.createElement("canvas");
    [cell.width, cell.height] = [side, row.height];
    if (edge) cross(edge.source.slice(1), edge.target.slice(1), at / (count - 1), cell);
    row.getContext("2d")?.drawImage(cell, at * side, 0);
  }
  strips.set(take, row.toDataURL("image/webp"));
  return strips.get(take) ?? "";
}

const said =
  (name: string) =>
  (...rest: unknown[]) =>
    console.info(name, ...rest);
const actions = new Proxy(
  {
    view: () => view,
    engines: () => ENGINES,
    engineFor: () => "builtin",
    drafterFor: () => "builtin",
    jobs: () => [...jobs.values()],
    log: async () => LOG,
    recipe: async (id: string) =>
      id === "nretina"
        ? { ...RECIPE }
        : id.startsWith("e")
          ? { ...RECIPE, operation: "transition", inputs: [] }
          : null,
    estimate: async (_: string, __: string, making: { engine: string }) =>
      making.engine === "builtin" ? { seconds: 2.5, dollars: 0 } : { seconds: 40, dollars: 0.08 },
    budget: async () => ({ total: 5, per_request: null, reserved: 0.84, spent: 1.2 }),
    find: (text: string) =>
      [...doc.nodes.values()]
        .filter((node) => node.label.toLowerCase().includes(text.toLowerCase()))
        .map((node) => ({ id: node.id, kind: "node", label: node.label })),
    select: (ids: readonly string[]) => studio.setUi({ selection: new Set(ids) }),
    play: (steps: never[], seconds = 0) =>
      studio.setUi({ playing: { what: "path", steps, seconds, running: true, loop: false } }),
  },
  { get: (known, name: string) => known[name as keyof typeof known] ?? said(name) },
) as unknown as Studio["actions"];

const PEOPLE = [
  { client: "1", name: "Mira", colour: "#ff8f7e", cursor: null, selection: [] },
  { client: "2", name: "Jonas", colour: "#7bd88f", cursor: null, selection: [] },
];

const studio: Studio = {
  name: "Trip to the stars",
  doc,
  revision: () => doc.seq,
  media: {
    pixels: (hash) => urls.get(hash) ?? "",
    blob: (hash) => originals.get(hash) ?? "",
    strip,
    atlas: () => Promise.reject(new Error("no atlas here")),
  },
  actions,
  ui: () => ui,
  setUi(values) {
    ui = { ...ui, ...values };
    tell();
  },
  jobs: () => jobs,
  paused: () => false,
  presences: () => PEOPLE,
  arrivals: () => [],
  commands: () =>
    COMMANDS.map((one) => ({ ...one, ready: true, run: () => void one.run(studio as unknown as App) })),
  film: (job) => `#film-${job}`,
  jobPreview: () => originals.get("original-rocket") ?? "",
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  holdToast() {},
  ownName: () => "",
  setOwnName() {},
  dismiss: (key) => studio.setUi({ toasts: ui.toasts.filter((toast) => toast.key !== key) }),
};

/** Cards and lines where the canvas would draw them. */
function drawField(): void {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [innerWidth, innerHeight];
  document.getElementById("field")?.append(canvas);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.strokeStyle = "#4a4e59";
  context.lineWidth = 2;
  for (const edge of doc.edges.values()) {
    const [from, to] = [doc.nodes.get(edge.source), doc.nodes.get(edge.target)];
    if (!from || !to) continue;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.bezierCurveTo(from.x + 160, from.y, to.x - 160, to.y, to.x, to.y);
    context.stroke();
  }
  for (const node of doc.nodes.values()) {
    const picture = pictures.get(node.framed);
    if (picture) context.drawImage(picture, node.x - 120, node.y - 80, 240, 160);
  }
}

drawField();
Object.assign(window, { studio });
createRoot(document.getElementById("panels") as HTMLElement).render(
  <StudioProvider studio={studio}>
    <Panels />
  </StudioProvider>,
);
