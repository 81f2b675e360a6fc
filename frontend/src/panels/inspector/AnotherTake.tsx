// Another take of an edge: the engine, its parameters and a seed; the same again is another roll.

import { useState } from "react";
import type { Id } from "../../model/rows";
import { useActions, useDoc } from "../context";
import { Icon } from "../icons";
import { Price } from "../making/EngineChooser";
import { MakingFields } from "../making/MakingFields";
import { remember, useMaking } from "../making/useMaking";
import { Button } from "../parts/controls";

export function AnotherTake({ edge }: { edge: Id }) {
  const [open, setOpen] = useState(false);
  return (
    <section className="section fold">
      <button type="button" className="fold-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <h3>Engine and parameters</h3>
        <Icon name={open ? "up" : "down"} />
      </button>
      {open && <TakeForm edge={edge} />}
    </section>
  );
}

function TakeForm({ edge }: { edge: Id }) {
  const actions = useActions();
  const row = useDoc((doc) => doc.edges.get(edge));
  const form = useMaking(
    "transition",
    edge,
    row && { engine: row.engine, parameters: row.parameters, seed: null },
  );
  const go = () => {
    remember("transition", form.making);
    void actions.renderTake(edge, form.making);
  };
  return (
    <>
      <MakingFields form={form} operation="transition" picture={row?.source ?? ""} />
      <div className="line">
        <Price form={form} />
        <Button tone="main" icon="play" disabled={!form.sound} onClick={go}>
          Another take
        </Button>
      </div>
    </>
  );
}
