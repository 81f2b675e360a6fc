// One picture of two to four: how much of each, or the composition of one in the style of another.

import { useId, useState } from "react";
import type { Mixing } from "../../app/actions";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { percent } from "../format";
import { nodeName } from "../naming";
import { Button, IconButton, Segmented } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { NodePicture } from "../parts/pictures";

const HOW = [
  { value: "blend", title: "Blend" },
  { value: "style", title: "Style of the other" },
] as const;

export function MixPopup({ nodes: chosen }: { nodes: readonly Id[] }) {
  const studio = useStudio();
  const actions = useActions();
  const [how, setHow] = useState<Mixing["how"]>("blend");
  const [order, setOrder] = useState(chosen);
  const [weights, setWeights] = useState<Record<Id, number>>({});
  const weightOf = (id: Id) => weights[id] ?? 0.5;
  const total = order.reduce((sum, id) => sum + weightOf(id), 0);
  const nodes = order.map((node) => ({ node, weight: weightOf(node) })).filter(({ weight }) => weight > 0);
  const ready = how === "style" ? order.length === 2 : nodes.length > 1;
  const close = () => studio.setUi({ popup: null });
  const go = () => {
    void actions.mix({ nodes, how, engine: actions.drafterFor("mix"), seed: null });
    close();
  };
  return (
    <Dialog
      title={`Mix ${chosen.length} pictures`}
      size="small"
      onClose={close}
      footer={
        <Button tone="main" icon="mix" focus disabled={!ready} onClick={go}>
          Mix
        </Button>
      }
    >
      {chosen.length === 2 && (
        <Segmented<Mixing["how"]> label="How" options={HOW} value={how} onChange={setHow} />
      )}
      <div className="mix">
        {order.map((id, place) =>
          how === "blend" ? (
            <Weight
              key={id}
              node={id}
              share={total > 0 ? weightOf(id) / total : 0}
              value={weightOf(id)}
              onChange={(weight) => setWeights({ ...weights, [id]: weight })}
            />
          ) : (
            <figure key={id}>
              <NodePicture id={id} />
              <figcaption>
                {place === 0 ? "the composition of this one" : "in the style of this one"}
              </figcaption>
            </figure>
          ),
        )}
        {how === "style" && (
          <IconButton
            icon="swap"
            label="The other way round"
            onClick={() => setOrder([...order].reverse())}
          />
        )}
      </div>
    </Dialog>
  );
}

function Weight(props: { node: Id; share: number; value: number; onChange(value: number): void }) {
  const { node, share, value, onChange } = props;
  const id = useId();
  const name = useDoc((doc) => nodeName(doc, node));
  return (
    <div className="mix-row">
      <NodePicture id={node} />
      <label htmlFor={id}>{name}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={value}
        style={{ "--filled": `${value * 100}%` } as React.CSSProperties}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output htmlFor={id}>{percent(share)}</output>
    </div>
  );
}
