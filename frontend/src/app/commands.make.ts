// Commands for making: variations, styles, candidates, edges and branches.

import { framesOf } from "../model/derive";
import type { Id } from "../model/rows";
import type { App } from "./app";
import { chosenCandidates, chosenNodes, inTray, theNode, theStyled } from "./choice";
import type { Command } from "./commands";

/** Frames. */
const LEAP = 12;

/** Pictures that an engine mixes at once. */
export const MOST_MIXED = 4;
const aNode = (app: App) => theNode(app) !== null;

function connect(app: App): undefined | false {
  const [source, target, ...more] = chosenNodes(app);
  if (source && target && more.length === 0) app.actions.connect(source, target);
  else {
    const node = theNode(app);
    if (!node) return false;
    app.setUi({ connecting: node });
  }
}

/** The edge that the pointer, the keys or the player are inside of, and where. */
function inside(app: App): { edge: Id; t: number } | null {
  const { scrub, playing } = app.ui();
  return scrub ?? (playing?.what === "edge" ? playing : null);
}

function stepBy(app: App, frames: number): undefined | false {
  const { focus } = app.ui();
  const at = inside(app) ?? (focus && app.doc.edges.has(focus) ? { edge: focus, t: 0.5 } : null);
  if (!at) return false;
  const last = Math.max(1, framesOf(app.doc, at.edge) - 1);
  const frame = Math.min(last, Math.max(0, Math.round(at.t * last) + frames));
  app.setUi({ playing: null, scrub: { edge: at.edge, t: frame / last } });
}

function playOrPause(app: App): void {
  const { playing, scrub, focus } = app.ui();
  if (playing) app.actions.pause();
  else if (scrub) app.actions.playEdge(scrub.edge, scrub.t);
  else if (focus) app.actions.playEdge(focus);
}

function alongTray(app: App, by: number): undefined | false {
  const all = inTray(app);
  const next = all[all.indexOf(app.ui().focus ?? "") + by];
  if (!next) return false;
  app.actions.select([next]);
}

const make = { group: "Make", scope: "wander" } as const;
const onCandidate = { group: "Make", scope: "candidate" } as const;
const inEdge = { group: "Make", scope: "scrub" } as const;

export const MAKING: readonly Command[] = [
  {
    id: "add",
    title: "Add pictures …",
    keys: ["O"],
    group: "Make",
    scope: "anywhere",
    run: (app) => app.actions.chooseFiles(),
  },
  {
    id: "generate",
    title: "Pictures from words …",
    keys: ["Shift+O"],
    group: "Make",
    scope: "anywhere",
    run: (app) => app.setUi({ popup: { kind: "generate" } }),
  },
  {
    id: "engines",
    title: "Engines …",
    keys: ["Shift+E"],
    group: "Make",
    scope: "anywhere",
    run: (app) => app.setUi({ popup: { kind: "engines" } }),
  },
  {
    id: "vary",
    title: "Vary",
    keys: ["V"],
    ...make,
    when: aNode,
    run(app) {
      const node = theNode(app);
      if (node) app.setUi({ popup: { kind: "vary", node } });
    },
  },
  {
    id: "animate",
    title: "Animate",
    keys: ["A"],
    ...make,
    when: aNode,
    run(app) {
      const node = theNode(app);
      if (node) app.setUi({ popup: { kind: "animate", node } });
    },
  },
  {
    id: "loop",
    title: "Loop",
    keys: ["Shift+A"],
    ...make,
    when: aNode,
    run(app) {
      const node = theNode(app);
      if (node) app.setUi({ popup: { kind: "loop", node } });
    },
  },
  {
    id: "mix",
    title: "Mix the selected pictures",
    keys: ["W"],
    ...make,
    when: (app) => chosenNodes(app).length > 1 && chosenNodes(app).length <= MOST_MIXED,
    run: (app) => app.setUi({ popup: { kind: "mix", nodes: chosenNodes(app) } }),
  },
  {
    id: "restyle",
    title: "Restyle",
    keys: ["R"],
    ...make,
    when: (app) => theStyled(app) !== null,
    run(app) {
      const node = theStyled(app);
      if (node) app.setUi({ popup: { kind: "restyle", node, like: null } });
    },
  },
  {
    id: "spread",
    title: "Spread a contact sheet",
    keys: ["Space"],
    group: "Make",
    scope: "node",
    run(app) {
      const node = theNode(app);
      if (node) void app.actions.spread(node);
    },
  },
  { id: "connect", title: "Connect to …", keys: ["C"], ...make, when: aNode, run: connect },
  {
    id: "connect.here",
    title: "Connect to this one",
    keys: ["Enter", "C"],
    group: "Make",
    scope: "connect",
    run(app) {
      const { connecting, focus } = app.ui();
      if (!connecting || !focus || focus === connecting || !app.doc.nodes.has(focus)) return;
      app.actions.connect(connecting, focus);
    },
  },

  {
    id: "tray.enter",
    title: "Into the tray",
    keys: ["ArrowDown"],
    group: "Make",
    scope: "tray",
    when: (app) => app.ui().focus === app.ui().tray && inTray(app).length > 0,
    run: (app) => app.actions.select(inTray(app).slice(0, 1)),
  },
  {
    id: "tray.left",
    title: "Candidate before",
    keys: ["ArrowLeft"],
    ...onCandidate,
    run: (app) => alongTray(app, -1),
  },
  {
    id: "tray.right",
    title: "Next candidate",
    keys: ["ArrowRight"],
    ...onCandidate,
    run: (app) => alongTray(app, 1),
  },
  {
    id: "tray.leave",
    title: "Back to its picture",
    keys: ["ArrowUp"],
    ...onCandidate,
    run(app) {
      const node = app.doc.candidates.get(app.ui().focus ?? "")?.node;
      if (node) app.actions.select([node]);
    },
  },
  {
    id: "more",
    title: "More like this",
    keys: ["Enter"],
    ...onCandidate,
    run: (app) => void app.actions.more(app.ui().focus ?? ""),
  },
  {
    id: "compare",
    title: "Compare with its picture",
    keys: ["C"],
    ...onCandidate,
    run(app) {
      const id = app.ui().focus ?? "";
      app.host.open({ kind: "candidate", id }, { x: 0, y: 0 });
    },
  },
  {
    id: "spread.from",
    title: "Spread from this",
    keys: ["Shift+Enter", "Space"],
    ...onCandidate,
    run: (app) => void app.actions.spreadFrom(app.ui().focus ?? ""),
  },
  {
    id: "keep",
    title: "Keep as a picture",
    keys: ["K"],
    ...make,
    when: (app) => chosenCandidates(app).length > 0,
    run: (app) => app.actions.keep(chosenCandidates(app)),
  },
  {
    id: "keep.all",
    title: "Keep all candidates",
    keys: ["Shift+K"],
    ...make,
    when: (app) => inTray(app).length > 0,
    run: (app) => app.actions.keep(inTray(app)),
  },
  {
    id: "discard",
    title: "Discard",
    keys: ["X", "Delete", "Backspace"],
    ...onCandidate,
    run(app) {
      const all = inTray(app);
      const gone = new Set(chosenCandidates(app));
      const at = all.findIndex((id) => gone.has(id));
      const left = all.filter((id) => !gone.has(id));
      const next = left[Math.min(at, left.length - 1)] ?? app.ui().tray;
      app.actions.discard([...gone]);
      if (next) app.actions.select([next]);
    },
  },

  {
    id: "edge.play",
    title: "Play the edge, or pause",
    keys: ["Space"],
    group: "Make",
    scope: "edge",
    run: playOrPause,
  },
  {
    id: "edge.back",
    title: "A frame back",
    keys: [","],
    group: "Make",
    scope: "edge",
    run: (app) => stepBy(app, -1),
  },
  {
    id: "edge.on",
    title: "A frame on",
    keys: ["."],
    group: "Make",
    scope: "edge",
    run: (app) => stepBy(app, 1),
  },
  { id: "scrub.play", title: "Play on, or pause", keys: ["Space"], ...inEdge, run: playOrPause },
  {
    id: "scrub.back",
    title: "A frame back",
    keys: ["ArrowLeft", ","],
    ...inEdge,
    run: (app) => stepBy(app, -1),
  },
  { id: "scrub.on", title: "A frame on", keys: ["ArrowRight", "."], ...inEdge, run: (app) => stepBy(app, 1) },
  {
    id: "scrub.leap.back",
    title: "12 frames back",
    keys: ["Shift+ArrowLeft"],
    ...inEdge,
    run: (app) => stepBy(app, -LEAP),
  },
  {
    id: "scrub.leap.on",
    title: "12 frames on",
    keys: ["Shift+ArrowRight"],
    ...inEdge,
    run: (app) => stepBy(app, LEAP),
  },
  {
    id: "branch",
    title: "Branch: cut the edge here",
    keys: ["B"],
    group: "Make",
    scope: "anywhere",
    when: (app) => inside(app) !== null,
    run(app) {
      const at = inside(app);
      if (at) void app.actions.branch(at.edge, Math.round(at.t * (framesOf(app.doc, at.edge) - 1)));
    },
  },
  {
    id: "heal",
    title: "Heal: make the cut edge whole again",
    keys: ["Shift+B"],
    group: "Make",
    scope: "node",
    when: (app) => Boolean(app.doc.nodes.get(theNode(app) ?? "")?.cut),
    run(app) {
      const node = theNode(app);
      if (node) app.actions.heal(node);
    },
  },
];
