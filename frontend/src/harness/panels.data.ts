// A believable workspace for looking at the panels without a server.

import type { Engine, LogLine, Recipe } from "../app/actions";
import { Doc, emptyRows, type Rows } from "../model/doc";
import { type Edit, type Job, type Node, TABLES, type Take } from "../model/rows";

export const PHOTOS = ["astronaut", "cat", "coffee", "galaxies", "retina", "rocket"] as const;
const PLACES = [
  [300, 240],
  [620, 200],
  [620, 520],
  [330, 560],
  [940, 380],
  [940, 640],
] as const;

const node = (name: string, place: number): Node => ({
  id: `n${name}`,
  picture: `original-${name}`,
  size: [1200, 900],
  framed: name,
  x: PLACES[place]?.[0] ?? 0,
  y: PLACES[place]?.[1] ?? 0,
  crop: { fit: "cover", focus: [0.5, 0.5], zoom: 1 },
  label:
    { astronaut: "Eileen", cat: "Chelsea", coffee: "Morning cup", galaxies: "Deep field", retina: "Fundus" }[
      name
    ] ?? "Lift-off",
  rating: name === "galaxies" ? 4 : 0,
  active: null,
  cut: null,
  was: [],
});

const EDGES = [
  ["cat", "galaxies"],
  ["galaxies", "retina"],
  ["retina", "rocket"],
  ["astronaut", "cat"],
  ["astronaut", "rocket"],
  ["coffee", "retina"],
  ["cat", "galaxies"],
] as const;

export function workspace(): Doc {
  const rows: Rows = emptyRows();
  const put = (edit: Edit) => edit.row && (rows[edit.table] as Map<string, unknown>).set(edit.id, edit.row);
  rows.settings.set("workspace", {
    id: "workspace",
    frame: { width: 960, height: 640, fps: "24" },
    fps: "24",
    background: [16, 17, 20],
  });
  for (const [place, name] of PHOTOS.entries())
    put({ table: "nodes", id: `n${name}`, row: node(name, place) });
  for (const [place, [source, target]] of EDGES.entries()) {
    const id = `e${place}`;
    const rendered = place < 4;
    put({
      table: "edges",
      id,
      row: {
        id,
        source: `n${source}`,
        target: `n${target}`,
        frames: place === 1 ? 97 : 49,
        engine: "builtin",
        parameters: { palette: "auto" },
        label: "",
        roll: 0,
        motion: [],
        active: rendered ? `t${place}a` : null,
        hidden: false,
      },
    });
    if (rendered)
      for (const letter of place === 0 ? "abc" : "a")
        takeOf(`t${place}${letter}`, id, rows, source, target, letter === "c");
  }
  for (const [place, name] of ["galaxies", "retina", "coffee", "rocket"].entries()) {
    rows.renderings.set(`r${name}`, rendering(`r${name}`, name));
    rows.candidates.set(`c${place}`, { id: `c${place}`, node: "ncat", rendering: `r${name}`, label: "" });
  }
  rows.boards.set("b1", {
    id: "b1",
    name: "Skies",
    x: 180,
    y: 440,
    width: 580,
    height: 240,
    colour: "#8ab4ff",
  });
  rows.notes.set("x1", {
    id: "x1",
    text: "Try the red one again,\nslower this time",
    x: 1100,
    y: 220,
    width: 200,
    colour: "#ffb454",
  });
  const step = (edge: string, values = {}) => ({
    edge,
    reverse: false,
    take: null,
    speed: 1,
    hold: 0,
    ...values,
  });
  rows.sequences.set("s1", {
    id: "s1",
    name: "From cat to stars",
    steps: [step("e3"), step("e0"), step("e1", { speed: 0.5 })],
  });
  rows.sequences.set("s2", {
    id: "s2",
    name: "The eye",
    steps: [step("e0"), step("e1"), step("e2", { hold: 24 })],
  });
  const doc = new Doc();
  doc.reset(rows, 42);
  return doc;
}

/** Nothing but settings. */
export function emptyWorkspace(): Doc {
  const doc = new Doc();
  const rows = emptyRows();
  for (const table of TABLES) rows[table].clear();
  doc.reset(rows, 1);
  return doc;
}

function rendering(id: string, pixels: string) {
  const base = { algorithm: "builtin.vary@3", frames: 1, picture: pixels, pixels, field: null, video: null };
  return { id, ...base, frame: [960, 640, "24"] as [number, number, string], seed: 7, notes: [] };
}

function takeOf(id: string, owner: string, rows: Rows, source: string, target: string, final: boolean): void {
  rows.renderings.set(`r${id}`, {
    ...rendering(`r${id}`, source),
    frames: 49,
    algorithm: "builtin.transition@1",
  });
  const last = (rows.edges.get(owner)?.frames ?? 49) - 1;
  const take: Take = {
    id,
    owner,
    rendering: `r${id}`,
    first: 0,
    last,
    ends: [source, target],
    tier: final ? "final" : "draft",
    failure: "",
  };
  rows.takes.set(id, take);
}

const job = (id: string, values: Partial<Job>): Job => ({
  id,
  kind: "rendering",
  title: "Transition from Eileen to Lift-off",
  subject: "e4",
  engine: "builtin",
  state: "queued",
  share: 0,
  doing: "",
  preview: false,
  attempts: 1,
  seconds: 6,
  dollars: 0,
  failure: "",
  hint: "",
  remote: "",
  parent: "",
  created: "2026-03-02T12:00:00Z",
  took: 0,
  story: [],
  result: {},
  ...values,
});

export const JOBS: readonly Job[] = [
  job("j1", {
    state: "running",
    share: 0.62,
    doing: "warping frames",
    preview: true,
    story: ["queued at 12:00:01", "started on worker 2"],
  }),
  job("j2", {
    title: "Variation of Chelsea",
    subject: "ncat",
    state: "running",
    share: 0.3,
    doing: "sampling",
  }),
  job("j3", { title: "Variation of Chelsea", subject: "ncat", state: "queued" }),
  job("j4", {
    title: "Final of Deep field to Fundus",
    subject: "e1x",
    engine: "studio-final",
    dollars: 0.84,
    seconds: 240,
    state: "waiting",
  }),
  job("j5", {
    title: "Transition from Morning cup to Fundus",
    subject: "e5",
    state: "failed",
    failure: "the worker ran out of memory at frame 31",
    hint: "use a smaller frame, or close what else runs",
    attempts: 2,
    story: [
      "queued at 11:58:10",
      "started on worker 1",
      "killed at 3.9 GB",
      "tried again",
      "killed at 3.9 GB",
    ],
  }),
  job("j6", {
    title: "Export From cat to stars",
    subject: "s1",
    kind: "film",
    state: "done",
    took: 3.2,
    result: { path: "films/from-cat-to-stars.mp4" },
  }),
];

const slider = { type: "number", minimum: 0, maximum: 1, "x-ui": "slider" };

export const ENGINES: readonly Engine[] = [
  {
    name: "builtin",
    title: "Built-in",
    summary: "Drafts at once, offline, without weights",
    tier: "draft",
    runs_on: "cpu",
    available: true,
    missing: [],
    key: "",
    settings: {},
    homepage: "",
    off: false,
    operations: {
      vary: {
        algorithm: "builtin.vary@3",
        licence: "Apache-2.0",
        parameters: {
          type: "object",
          properties: { strength: { ...slider, title: "How far from the original", default: 0.5 } },
        },
      },
      restyle: {
        algorithm: "builtin.restyle@1",
        licence: "Apache-2.0",
        parameters: {
          type: "object",
          properties: {
            prompt: { type: "string", title: "The look, in words", default: "", "x-ui": "prompt" },
            strength: { ...slider, title: "How much of it", default: 0.9 },
            texture: { ...slider, title: "How much of the references' brushwork", default: 0 },
          },
        },
      },
      transition: {
        algorithm: "builtin.transition@1",
        licence: "Apache-2.0",
        parameters: {
          type: "object",
          properties: {
            palette: {
              type: "string",
              enum: ["auto", "on", "off"],
              title: "Carries the colours over",
              default: "auto",
            },
            steady: { type: "boolean", title: "Keeps the horizon steady", default: true },
            fog: { type: "string", "x-ui": "colour", title: "Colour between them", default: "#8899aa" },
            points: { type: "array", items: { type: "object" }, title: "Points that stay together" },
          },
        },
      },
    },
  },
  {
    name: "studio-final",
    title: "Studio Final",
    summary: "A diffusion model for finals",
    tier: "final",
    runs_on: "remote",
    available: true,
    missing: [],
    key: "PROVIDER_KEY",
    settings: {},
    homepage: "https://example.com/keys",
    off: false,
    operations: {
      vary: {
        algorithm: "final.vary@3",
        licence: "Proprietary",
        parameters: {
          type: "object",
          properties: {
            guidance: { type: "number", minimum: 1, maximum: 20, default: 7, title: "Guidance" },
          },
        },
      },
      transition: {
        algorithm: "final.transition@3",
        licence: "Proprietary",
        parameters: { type: "object", properties: {} },
      },
    },
  },
  {
    name: "local-sd",
    title: "Local diffusion",
    summary: "Your own weights on your own card",
    tier: "final",
    runs_on: "gpu",
    available: false,
    missing: ["install forkframe[diffusers]"],
    key: "",
    settings: { models: "Folder of the models" },
    homepage: "",
    off: false,
    operations: {
      vary: { algorithm: "sd.vary@1", licence: "OpenRAIL", parameters: { type: "object", properties: {} } },
    },
  },
];

export const RECIPE: Recipe = {
  operation: "restyle",
  algorithm: "builtin.restyle@1",
  engine: "builtin",
  parameters: { prompt: "evening light over water, soft grain", strength: 0.9, texture: 0.25 },
  seed: 1207,
  roll: 0,
  frames: 1,
  inputs: [
    { role: "image", pixels: "astronaut", weight: 1, node: "nastronaut", label: "Eileen" },
    { role: "style", pixels: "galaxies", weight: 1, node: "ngalaxies", label: "Deep field" },
  ],
  command:
    'forkframe restyle trip.forkframe Eileen --prompt "evening light over water, soft grain" --like "Deep field" --strength 0.9 --seed 1207',
  notes: [],
};

export const LOG: readonly LogLine[] = [
  { seq: 42, actor: "you", at: "2026-03-02T11:59:40Z", text: "moved 3 nodes", ids: ["ncat", "nretina"] },
  {
    seq: 41,
    actor: "engine",
    at: "2026-03-02T11:58:40Z",
    text: "rendered Chelsea → Deep field",
    ids: ["e0"],
  },
  {
    seq: 40,
    actor: "Mira",
    at: "2026-03-02T11:56:00Z",
    text: "connected Chelsea to Deep field",
    ids: ["e0"],
  },
  { seq: 39, actor: "Mira", at: "2026-03-02T11:55:00Z", text: "made the board Skies", ids: ["b1"] },
  {
    seq: 38,
    actor: "you",
    at: "2026-03-02T11:40:00Z",
    text: "renamed Deep field from “Untitled picture”",
    ids: ["ngalaxies"],
  },
  { seq: 37, actor: "you", at: "2026-03-02T11:20:00Z", text: "added 6 pictures", ids: ["ncat"] },
];
