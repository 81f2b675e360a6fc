// What a command is about: what is selected, else what has the focus.

import { candidatesOf } from "../model/derive";
import type { Id } from "../model/rows";
import type { App } from "./app";

/** In the order they were selected. */
export function chosen(app: App): Id[] {
  const { selection, focus } = app.ui();
  return selection.size > 0 ? [...selection] : focus ? [focus] : [];
}

export function chosenNodes(app: App): Id[] {
  return chosen(app).filter((id) => app.doc.nodes.has(id));
}

/** The one under the pointer, else those that are selected. */
export function chosenCandidates(app: App): Id[] {
  const { hovered } = app.ui();
  return (hovered ? [hovered] : chosen(app)).filter((id) => app.doc.candidates.has(id));
}

/** The node that one thing can be done to: the focused one, else the last one selected. */
export function theNode(app: App): Id | null {
  const { focus } = app.ui();
  return focus && app.doc.nodes.has(focus) ? focus : (chosenNodes(app).at(-1) ?? null);
}

/** What can be restyled: that node, or the edge that is focused or selected. */
export function theStyled(app: App): Id | null {
  const { focus } = app.ui();
  const edges = chosen(app).filter((id) => app.doc.edges.has(id));
  return focus && app.doc.edges.has(focus) ? focus : (theNode(app) ?? edges.at(-1) ?? null);
}

/** The candidates in the open tray. */
export function inTray(app: App): Id[] {
  const { tray } = app.ui();
  return tray ? candidatesOf(app.doc, tray).map((one) => one.id) : [];
}
