/** What is read out of the thing that has the focus. */

import type { Doc } from "../model/doc";
import type { Id } from "../model/rows";
import type { Jobs } from "./jobs";
import { secondsOf } from "./walk";

export function wordsFor(id: Id, doc: Doc, jobs: Jobs): string {
  const node = doc.nodes.get(id);
  const named = (one: Id): string => doc.nodes.get(one)?.label || "a picture";
  if (node) {
    const edges = [...doc.edgesOf(id)].filter((edge) => !doc.edges.get(edge)?.hidden).length;
    const stars = node.rating > 0 ? `, ${node.rating} stars` : "";
    return `${node.label || "Picture"}${stars}, ${edges} ${edges === 1 ? "edge" : "edges"}`;
  }
  const edge = doc.edges.get(id);
  if (edge) {
    const { state } = jobs.state(edge);
    const seconds = secondsOf(doc, edge).toFixed(1);
    const told = state === "ready" ? "" : `, ${state === "empty" ? "no video yet" : state}`;
    return `Edge from ${named(edge.source)} to ${named(edge.target)}, ${seconds} seconds${told}`;
  }
  return doc.boards.get(id)?.name ?? doc.notes.get(id)?.text ?? doc.candidates.get(id)?.label ?? "";
}
