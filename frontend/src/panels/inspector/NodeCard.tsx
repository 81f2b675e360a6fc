// One picture: its name, its stars, how it was made, what can be made of it, and what was made and waits.

import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { count } from "../format";
import { nodeName } from "../naming";
import { Button, EditableText, Section, Stars } from "../parts/controls";
import { BeforeAfter, NodePicture } from "../parts/pictures";
import { choosePicture } from "../popups/FindPopup";
import { RecipeLine, useRecipe } from "./RecipeLine";
import { Tray } from "./Tray";

export function NodeCard({ id }: { id: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const node = useDoc((doc) => doc.nodes.get(id));
  const recipe = useRecipe(id, node?.active ?? node?.framed ?? "");
  if (!node) return null;
  const source = recipe?.inputs.find((input) => input.role === "image");
  const made = recipe && source && source.pixels !== node.framed;
  const open = (popup: NonNullable<ReturnType<typeof studio.ui>["popup"]>) => studio.setUi({ popup });
  return (
    <>
      {made ? (
        <BeforeAfter
          before={studio.media.pixels(source.pixels, 512)}
          after={studio.media.pixels(node.framed, 512)}
          label="How much of the picture it was made from is shown, in percent"
        />
      ) : (
        <NodePicture id={id} side={512} />
      )}
      <div className="title-line">
        <EditableText
          value={node.label}
          label="Name of this picture"
          placeholder="Name it"
          onCommit={(label) => actions.setFields(id, { label })}
        />
        <Stars value={node.rating} onChange={(stars) => actions.rate([id], stars)} />
      </div>
      <p className="facts">
        {node.size[0]} × {node.size[1]} · <Threads id={id} />
        {node.cut && " · cut from a thread"}
      </p>
      <fieldset className="actions-grid">
        <legend className="unseen">Make something of it</legend>
        <Button icon="vary" onClick={() => open({ kind: "vary", node: id })}>
          Vary
        </Button>
        <Button icon="restyle" onClick={() => open({ kind: "restyle", node: id, like: null })}>
          Restyle
        </Button>
        <Button icon="animate" onClick={() => open({ kind: "animate", node: id })}>
          Animate
        </Button>
        <Button
          icon="loop"
          title="A film that begins and ends here, through a variation"
          onClick={() => open({ kind: "loop", node: id })}
        >
          Loop
        </Button>
        <Button icon="spread" title="24 quick drafts around it" onClick={() => void actions.spread(id)}>
          Spread
        </Button>
        <Button icon="reframe" onClick={() => open({ kind: "reframe", node: id })}>
          Reframe
        </Button>
        <Button
          icon="connect"
          title="Choose the picture that a thread leads to"
          onClick={() => choosePicture(studio, "Connect to", (target) => actions.connect(id, target))}
        >
          Connect…
        </Button>
        {node.cut ? (
          <Button
            icon="scissors"
            title="Take this picture out and make one thread of the two again"
            onClick={() => actions.heal(id)}
          >
            Heal
          </Button>
        ) : (
          <Button icon="trash" tone="bad" onClick={() => actions.remove([id])}>
            Delete
          </Button>
        )}
      </fieldset>
      <Tray node={id} />
      <RecipeLine id={id} recipe={recipe} fallback={`Brought in as ${nodeName(studio.doc, id)}.`} />
      <Connections id={id} />
    </>
  );
}

function Threads({ id }: { id: Id }) {
  const many = useDoc((doc) => [...doc.edgesOf(id)].filter((edge) => !doc.edges.get(edge)?.hidden).length);
  return <>{count(many, "thread")}</>;
}

/** Where its threads lead. */
function Connections({ id }: { id: Id }) {
  const actions = useActions();
  const edges = useDoc((doc) =>
    [...doc.edgesOf(id)].flatMap((edge) => {
      const row = doc.edges.get(edge);
      return row && !row.hidden ? [row] : [];
    }),
  );
  if (edges.length === 0) return null;
  return (
    <Section title="Threads">
      <ul className="rows">
        {edges.map((edge) => {
          const other = edge.source === id ? edge.target : edge.source;
          return (
            <li key={edge.id}>
              <button type="button" className="row-button" onClick={() => actions.select([edge.id])}>
                <span className="thumb thumb-small">
                  <NodePicture id={other} alt="" />
                </span>
                <span className="row-words">
                  {edge.source === id ? "to " : "from "}
                  <OtherName id={other} />
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function OtherName({ id }: { id: Id }) {
  return <>{useDoc((doc) => nodeName(doc, id))}</>;
}
