// Text to Image: words become pictures, as nodes in the middle of the view.

import { useId, useState } from "react";
import { useActions, useStudio } from "../context";
import { count } from "../format";
import { Labelled } from "../forms/Form";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { Price } from "./EngineChooser";
import { MakingFields } from "./MakingFields";
import { remember, useMaking } from "./useMaking";

const LONGEST = 5000;

export function GeneratePopup() {
  const studio = useStudio();
  const actions = useActions();
  const form = useMaking("generate", "");
  const [prompt, setPrompt] = useState(() => String(form.values.prompt ?? ""));
  const [many, setMany] = useState(4);
  const words = useId();
  const close = () => studio.setUi({ popup: null });
  const ready = form.sound && prompt.trim() !== "";
  const go = () => {
    const { prompt: _, ...parameters } = form.values;
    remember("generate", { ...form.making, parameters });
    void actions.generate({ ...form.making, parameters, prompt: prompt.trim(), count: many });
    close();
  };
  return (
    <Dialog
      title="Pictures from words"
      size="small"
      onClose={close}
      footer={
        <>
          <Price form={form} many={many} />
          <Button tone="main" icon="pictures" disabled={!ready} onClick={go}>
            Make {count(many, "picture")}
          </Button>
        </>
      }
    >
      {form.engines.length === 0 ? (
        <NobodyCan />
      ) : (
        <>
          <Labelled id={words} title="What is to be seen">
            <textarea
              id={words}
              rows={4}
              maxLength={LONGEST}
              value={prompt}
              data-autofocus
              onChange={(event) => setPrompt(event.target.value)}
            />
          </Labelled>
          <MakingFields form={form} operation="generate" many={many} setMany={setMany} without={["prompt"]} />
        </>
      )}
    </Dialog>
  );
}

function NobodyCan() {
  const studio = useStudio();
  return (
    <>
      <p className="row-help">
        This takes a model: one on this computer’s graphics card, a ComfyUI server, or a provider’s.
      </p>
      <Button onClick={() => studio.setUi({ popup: { kind: "engines" } })}>Look at the engines</Button>
    </>
  );
}
