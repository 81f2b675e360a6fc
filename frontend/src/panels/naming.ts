// What things are called where they have no name of their own.

import type { Doc } from "../model/doc";
import type { Edge, Id } from "../model/rows";

export function nodeName(doc: Doc, id: Id): string {
  const label = doc.nodes.get(id)?.label;
  return label || "Untitled picture";
}

export function edgeName(doc: Doc, edge: Edge): string {
  return edge.label || `${nodeName(doc, edge.source)} → ${nodeName(doc, edge.target)}`;
}

/** The name of anything, as a log line or a list shows it. */
export function nameOf(doc: Doc, id: Id): string {
  const edge = doc.edges.get(id);
  if (edge) return edgeName(doc, edge);
  if (doc.nodes.has(id)) return nodeName(doc, id);
  const note = doc.notes.get(id);
  if (note) return note.text.split("\n")[0] || "Empty note";
  const candidate = doc.candidates.get(id);
  if (candidate) return candidate.label || "Candidate";
  return doc.boards.get(id)?.name || doc.sequences.get(id)?.name || id;
}
