// Commands for paths: making one, playing it, saving it.

import { pathSeconds } from "../model/pacing";
import type { App } from "./app";
import type { Command } from "./commands";

function playOrPause(app: App): void {
  const { playing, path } = app.ui();
  if (playing?.what !== "path") {
    if (path) app.actions.play(path.steps);
    return;
  }
  const ended = playing.seconds >= pathSeconds(app.doc, playing.steps);
  if (playing.running) app.actions.pause();
  else app.actions.play(playing.steps, ended ? 0 : playing.seconds);
}

function stepHere(app: App): undefined | false {
  const { focus } = app.ui();
  if (!focus) return false;
  if (app.doc.nodes.has(focus)) app.actions.step({ kind: "node", id: focus });
  else if (app.doc.edges.has(focus)) app.actions.step({ kind: "edge", id: focus });
  else return false;
}

const inPath = { group: "Paths", scope: "path" } as const;
const hasSteps = (app: App) => (app.ui().path?.steps.length ?? 0) > 0;

export const PATHS: readonly Command[] = [
  {
    id: "path",
    title: "Path mode, and out of it",
    keys: ["P"],
    group: "Paths",
    scope: "anywhere",
    run(app) {
      if (app.ui().mode === "path") app.actions.leavePathMode();
      else app.actions.enterPathMode();
    },
  },
  { id: "path.step", title: "Go on over this", keys: ["Enter"], ...inPath, run: stepHere },
  {
    id: "path.play",
    title: "Play the path, or pause",
    keys: ["Space"],
    ...inPath,
    when: hasSteps,
    run: playOrPause,
  },
  {
    id: "path.pause",
    title: "Play on, or pause",
    keys: ["Space"],
    group: "Paths",
    scope: "playing",
    run: playOrPause,
  },
  {
    id: "path.back",
    title: "Remove the last step",
    keys: ["Backspace", "Delete"],
    ...inPath,
    run(app) {
      const { path } = app.ui();
      if (!path) return;
      if (path.joint) app.setUi({ path: { ...path, joint: null } });
      else if (path.steps.length > 0) app.actions.removeStep(path.steps.length - 1);
      else app.setUi({ path: { ...path, start: null } });
    },
  },
  {
    id: "path.accept",
    title: "Accept the dashed steps",
    keys: ["A"],
    ...inPath,
    when: (app) => app.ui().path?.steps.some((step) => step.proposed) ?? false,
    run: (app) => app.actions.acceptProposed(),
  },
  { id: "path.loop", title: "Loop", keys: ["L"], ...inPath, run: (app) => app.actions.toggleLoop() },
  {
    id: "path.save",
    title: "Save the path",
    keys: ["Mod+S"],
    ...inPath,
    when: hasSteps,
    run: (app) => void app.actions.savePath(app.ui().path?.name ?? ""),
  },
  {
    id: "path.export",
    title: "Export the saved path",
    keys: ["E"],
    ...inPath,
    when: (app) => app.doc.sequences.has(app.ui().path?.sequence ?? ""),
    run(app) {
      const sequence = app.ui().path?.sequence;
      if (sequence) app.setUi({ popup: { kind: "export", sequence } });
    },
  },
];
