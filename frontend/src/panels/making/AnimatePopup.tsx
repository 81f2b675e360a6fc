// A picture begins to move: what the engine does with it, and how long; its last frame becomes a picture of its own.

import { useId, useState } from "react";
import { LASTS } from "../../app/edges";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { Labelled } from "../forms/Form";
import { nodeName } from "../naming";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { Price } from "./EngineChooser";
import { MakingFields } from "./MakingFields";
import { useBoxOf } from "./useBoxOf";
import { remember, useMaking } from "./useMaking";

const LONGEST = 60;

export function AnimatePopup({ node }: { node: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const name = useDoc((doc) => nodeName(doc, node));
  const [seconds, setSeconds] = useState(LASTS);
  const form = useMaking("animate", node, undefined, seconds);
  const lasts = useId();
  const close = () => studio.setUi({ popup: null });
  const go = () => {
    remember("animate", form.making);
    void actions.animate(node, { ...form.making, seconds });
    close();
  };
  const ready = form.sound && seconds > 0 && seconds <= LONGEST;
  return (
    <Dialog
      title={`Animate “${name}”`}
      beside={useBoxOf(node)}
      size="small"
      onClose={close}
      footer={
        <>
          <Price form={form} />
          <Button tone="main" icon="animate" focus disabled={!ready} onClick={go}>
            Animate
          </Button>
        </>
      }
    >
      <Labelled id={lasts} title="Seconds" wrong={ready || !form.sound ? "" : `from 0.1 to ${LONGEST}`}>
        <input
          id={lasts}
          type="number"
          min={0.1}
          max={LONGEST}
          step={0.5}
          value={seconds}
          onChange={(event) => setSeconds(Number(event.target.value))}
        />
      </Labelled>
      <MakingFields form={form} operation="animate" picture={node} />
    </Dialog>
  );
}
