// The workspace as a list: every picture with the threads that leave it, for keyboards, readers, and finding one's way.

import { useId, useMemo, useState } from "react";
import { edgeState } from "../../model/derive";
import type { Edge, Id, Node } from "../../model/rows";
import { useDoc, useRead, useStudio, useUi } from "../context";
import { count } from "../format";
import { nodeName } from "../naming";
import { Button, Empty } from "../parts/controls";
import { NodePicture } from "../parts/pictures";

/** Rows that are put into the page at a time: 10,000 would be as slow for a reader as for the browser. */
const PAGE = 100;

export function Outline() {
  const search = useId();
  const nodes = useDoc((doc) => [...doc.nodes.values()]);
  const threads = useDoc((doc) => [...doc.edges.values()].filter((edge) => !edge.hidden).length);
  const [text, setText] = useState("");
  const [pages, setPages] = useState(1);
  const sorted = useMemo(() => {
    const sought = text.trim().toLowerCase();
    const matching = sought ? nodes.filter((node) => node.label.toLowerCase().includes(sought)) : [...nodes];
    return matching.sort((one, other) => Math.round((one.y - other.y) / 200) || one.x - other.x);
  }, [nodes, text]);
  if (nodes.length === 0) return <Empty icon="outline">There are no pictures yet.</Empty>;
  const shown = sorted.slice(0, pages * PAGE);
  return (
    <>
      <label className="unseen" htmlFor={search}>
        Filter by name
      </label>
      <input
        id={search}
        type="search"
        placeholder="Filter by name"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <p className="facts">
        {count(nodes.length, "picture")}, {count(threads, "thread")}
      </p>
      <ul className="outline" aria-label="Pictures and threads">
        {shown.map((node) => (
          <Branch key={node.id} node={node} />
        ))}
      </ul>
      {sorted.length > shown.length && (
        <Button onClick={() => setPages(pages + 1)}>
          Show {Math.min(PAGE, sorted.length - shown.length)} more
        </Button>
      )}
    </>
  );
}

/** As a click on the canvas: it selects, in path mode it adds a step. */
function useChoose(): (kind: "node" | "edge", id: Id) => void {
  const studio = useStudio();
  return (kind, id) => {
    if (studio.ui().mode === "path") return studio.actions.step({ kind, id });
    studio.actions.select([id]);
    studio.actions.goTo(id);
  };
}

function Branch({ node }: { node: Node }) {
  const choose = useChoose();
  const selected = useUi((ui) => ui.selection.has(node.id));
  const edges = useDoc((doc) =>
    [...doc.edgesOf(node.id)].flatMap((id) => {
      const edge = doc.edges.get(id);
      return edge && !edge.hidden && edge.source === node.id ? [edge] : [];
    }),
  );
  return (
    <li>
      <button
        type="button"
        className="row-button"
        aria-current={selected || undefined}
        onClick={() => choose("node", node.id)}
      >
        <span className="thumb thumb-small">
          <NodePicture id={node.id} alt="" />
        </span>
        <span className="row-words">{node.label || "Untitled picture"}</span>
        {node.rating > 0 && <span className="kind">{"★".repeat(node.rating)}</span>}
      </button>
      {edges.length > 0 && (
        <ul>
          {edges.map((edge) => (
            <Thread key={edge.id} edge={edge} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Thread({ edge }: { edge: Edge }) {
  const choose = useChoose();
  const selected = useUi((ui) => ui.selection.has(edge.id));
  const target = useDoc((doc) => nodeName(doc, edge.target));
  const state = useRead((studio) => edgeState(studio.doc, studio.jobs(), edge).state);
  return (
    <li>
      <button
        type="button"
        className="row-button row-thread"
        aria-current={selected || undefined}
        onClick={() => choose("edge", edge.id)}
      >
        <span aria-hidden="true">→</span>
        <span className="row-words">
          <span className="unseen">thread to </span>
          {edge.label || target}
        </span>
        {state !== "ready" && state !== "none" && <span className={`kind kind-${state}`}>{state}</span>}
      </button>
    </li>
  );
}
