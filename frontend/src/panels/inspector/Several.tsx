// Several things at once: put in order, gathered on a board, rated, connected one to the next.

import { MOST_MIXED } from "../../app/commands.make";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { count } from "../format";
import { Button, Section, Stars } from "../parts/controls";
import { NodePicture } from "../parts/pictures";

export function Several({ ids }: { ids: readonly Id[] }) {
  const studio = useStudio();
  const actions = useActions();
  const nodes = useDoc((doc) => ids.filter((id) => doc.nodes.has(id)));
  const edges = useDoc((doc) => ids.filter((id) => doc.edges.has(id)));
  const rating = useDoc((doc) => {
    const all = new Set(nodes.map((id) => doc.nodes.get(id)?.rating ?? 0));
    return all.size === 1 ? ([...all][0] ?? 0) : 0;
  });
  const others = ids.length - nodes.length - edges.length;
  const words = [
    nodes.length > 0 && count(nodes.length, "picture"),
    edges.length > 0 && count(edges.length, "thread"),
    others > 0 && count(others, "other"),
  ].filter(Boolean);
  const connectInOrder = () => {
    const { doc } = studio;
    for (const [place, id] of nodes.slice(0, -1).entries()) {
      const next = nodes[place + 1];
      if (next && !joined(doc, id, next)) actions.connect(id, next);
    }
  };
  return (
    <>
      <p className="several-words">{words.join(", ")}</p>
      <div className="thumbs">
        {nodes.slice(0, 12).map((id, place) => (
          <button key={id} type="button" className="thumb" onClick={() => actions.select([id])}>
            <NodePicture id={id} />
            <span className="thumb-number">{place + 1}</span>
          </button>
        ))}
      </div>
      {nodes.length > 12 && <p className="facts">and {nodes.length - 12} more</p>}
      {nodes.length > 0 && <Stars value={rating} onChange={(stars) => actions.rate(nodes, stars)} />}
      <Section title="Arrange">
        <div className="actions-grid">
          <Button icon="tidy" disabled={nodes.length < 2} onClick={() => actions.tidy(ids)}>
            Tidy
          </Button>
          <Button icon="board" onClick={() => actions.addBoard(ids)}>
            Make a board
          </Button>
        </div>
      </Section>
      {nodes.length > 1 && nodes.length <= MOST_MIXED && (
        <Section title="Mix">
          <p className="facts">One picture of these, by weight; or one in the style of the other.</p>
          <Button icon="mix" onClick={() => studio.setUi({ popup: { kind: "mix", nodes } })}>
            Mix…
          </Button>
        </Section>
      )}
      <Section title="Connect">
        <p className="facts">Each picture to the next, in the order you selected them.</p>
        <Button icon="connect" disabled={nodes.length < 2} onClick={connectInOrder}>
          Connect in order
        </Button>
      </Section>
      <div className="line">
        <Button icon="trash" tone="bad" onClick={() => actions.remove(ids)}>
          Delete {count(ids.length, "thing")}
        </Button>
      </div>
    </>
  );
}

function joined(
  doc: { edgesOf(id: Id): ReadonlySet<Id>; edges: ReadonlyMap<Id, { source: Id; target: Id }> },
  a: Id,
  b: Id,
) {
  return [...doc.edgesOf(a)].some((id) => {
    const edge = doc.edges.get(id);
    return edge?.source === a && edge.target === b;
  });
}
