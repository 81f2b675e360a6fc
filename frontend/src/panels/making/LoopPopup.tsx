// A picture becomes a loop: how far the variation is that it goes to, and how long one round lasts.

import { useState } from "react";
import { LASTS } from "../../app/edges";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { nodeName } from "../naming";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { Price } from "./EngineChooser";
import { MakingFields } from "./MakingFields";
import { lasting, Seconds } from "./Seconds";
import { useBoxOf } from "./useBoxOf";
import { remember, useMaking } from "./useMaking";

export function LoopPopup({ node }: { node: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const name = useDoc((doc) => nodeName(doc, node));
  const form = useMaking("vary", node);
  const [seconds, setSeconds] = useState(2 * LASTS);
  const close = () => studio.setUi({ popup: null });
  const go = () => {
    remember("vary", form.making);
    void actions.loop(node, { ...form.making, seconds });
    close();
  };
  return (
    <Dialog
      title={`Loop “${name}”`}
      beside={useBoxOf(node)}
      size="small"
      onClose={close}
      footer={
        <>
          <Price form={form} />
          <Button tone="main" icon="loop" focus disabled={!form.sound || !lasting(seconds)} onClick={go}>
            Loop
          </Button>
        </>
      }
    >
      <p className="row-help">
        To a variation of this picture and back: the last frame is the first, and no moment stands out.
      </p>
      <Seconds title="Seconds a round" value={seconds} onChange={setSeconds} />
      <MakingFields form={form} operation="vary" />
    </Dialog>
  );
}
