// A picture begins to move: what the engine does with it, and how long; its last frame becomes a picture of its own.

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

export function AnimatePopup({ node }: { node: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const name = useDoc((doc) => nodeName(doc, node));
  const [seconds, setSeconds] = useState(LASTS);
  const form = useMaking("animate", node, undefined, seconds);
  const close = () => studio.setUi({ popup: null });
  const go = () => {
    remember("animate", form.making);
    void actions.animate(node, { ...form.making, seconds });
    close();
  };
  return (
    <Dialog
      title={`Animate “${name}”`}
      beside={useBoxOf(node)}
      size="small"
      onClose={close}
      footer={
        <>
          <Price form={form} />
          <Button tone="main" icon="animate" focus disabled={!form.sound || !lasting(seconds)} onClick={go}>
            Animate
          </Button>
        </>
      }
    >
      <Seconds value={seconds} onChange={setSeconds} />
      <MakingFields form={form} operation="animate" picture={node} />
    </Dialog>
  );
}
