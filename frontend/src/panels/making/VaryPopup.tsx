// Image Variations: how many, how far, and off they go as candidates around the node.

import { useState } from "react";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { count } from "../format";
import { nodeName } from "../naming";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { NodePicture } from "../parts/pictures";
import { Price } from "./EngineChooser";
import { MakingFields } from "./MakingFields";
import { useBoxOf } from "./useBoxOf";
import { remember, useMaking } from "./useMaking";

export function VaryPopup({ node }: { node: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const name = useDoc((doc) => nodeName(doc, node));
  const box = useBoxOf(node);
  const form = useMaking("vary", node);
  const [many, setMany] = useState(4);
  const close = () => studio.setUi({ popup: null });
  const go = () => {
    remember("vary", form.making);
    void actions.vary(node, { ...form.making, count: many });
    close();
  };
  return (
    <Dialog
      title={`Vary “${name}”`}
      beside={box}
      size="small"
      onClose={close}
      footer={
        <>
          <Price form={form} many={many} />
          <Button tone="main" icon="vary" focus disabled={!form.sound} onClick={go}>
            Make {count(many, "variation")}
          </Button>
        </>
      }
    >
      {!box && (
        <div className="popup-picture">
          <NodePicture id={node} side={512} alt="" />
        </div>
      )}
      <MakingFields form={form} operation="vary" many={many} setMany={setMany} />
    </Dialog>
  );
}
