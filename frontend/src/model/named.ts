// What things are called in a line that names them by their ids.

import type { Doc } from "./doc";
import type { Id } from "./rows";

const IDS = /\b(?:(?:node|edge|board|note|sequence|candidate) )?([nebxsc][0-9a-hjkmnp-tv-z]{10})\b/g;
const KINDS: Record<string, string> = { n: "picture", e: "edge", b: "board", x: "note", s: "sequence" };

/** A line of the studio for people: "edge e42ebwfsgpv shows a video" is "“cat to rocket” shows a video". */
export function withNames(doc: Doc, text: string): string {
  return text.replace(IDS, (_, id: Id) => {
    const name = titleOf(doc, id);
    return name ? `“${name}”` : (KINDS[id.charAt(0)] ?? "candidate");
  });
}

/** The name of a thing; of an edge without one, where it leads. "" if it has none. */
export function titleOf(doc: Doc, id: Id): string {
  const edge = doc.edges.get(id);
  if (edge) {
    const ends = [edge.source, edge.target].map((end) => doc.nodes.get(end)?.label || "a picture");
    return edge.label || ends.join(" to ");
  }
  const row = doc.nodes.get(id) ?? doc.candidates.get(id);
  return row?.label || (doc.boards.get(id) ?? doc.sequences.get(id))?.name || "";
}
