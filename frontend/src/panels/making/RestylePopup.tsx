// Image to Image: a look in words, or another picture or a whole board as the style.

import { useId, useState } from "react";
import type { ParameterSchema } from "../../app/actions";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { count } from "../format";
import { nameOf } from "../naming";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { Price } from "./EngineChooser";
import { MakingFields } from "./MakingFields";
import { StyleReference } from "./StyleReference";
import { useBoxOf } from "./useBoxOf";
import { recentPrompts, remember, rememberPrompt, useMaking } from "./useMaking";

/** `node`: a picture; or an edge, which gets a twin between both its pictures restyled. */
export function RestylePopup(props: { node: Id; like: Id | null; words?: string }) {
  const { node, like: first, words } = props;
  const studio = useStudio();
  const actions = useActions();
  const name = useDoc((doc) => nameOf(doc, node));
  const edge = useDoc((doc) => doc.edges.get(node));
  const form = useMaking("restyle", edge?.source ?? node);
  const [prompt, setPrompt] = useState(() => words ?? String(form.values.prompt ?? ""));
  const [like, setLike] = useState<Id | null>(first);
  const [many, setMany] = useState(4);
  const close = () => studio.setUi({ popup: null });
  const ready = form.sound && (prompt.trim() !== "" || like !== null);
  const go = () => {
    const { prompt: _, ...parameters } = form.values;
    remember("restyle", { ...form.making, parameters });
    rememberPrompt(prompt);
    const making = { ...form.making, parameters, prompt: prompt.trim(), like };
    if (edge) void actions.restyleEdge(node, making);
    else void actions.restyle(node, { ...making, count: many });
    close();
  };
  return (
    <Dialog
      title={`Restyle “${name}”`}
      beside={useBoxOf(node)}
      size="small"
      onClose={close}
      footer={
        <>
          <Price form={form} many={edge ? 2 : many} />
          <Button tone="main" icon="restyle" disabled={!ready} onClick={go}>
            {edge ? "Make its twin" : `Make ${count(many, "picture")}`}
          </Button>
        </>
      }
    >
      <PromptBox
        suggested={suggestedBy(form.schema)}
        value={prompt}
        onChange={setPrompt}
        onEnter={() => ready && go()}
      />
      <StyleReference node={node} value={like} onChange={setLike} />
      <MakingFields
        form={form}
        operation="restyle"
        {...(edge ? {} : { many, setMany })}
        without={["prompt"]}
      />
    </Dialog>
  );
}

/** Looks that the engine says it knows, by family where it groups them. */
function suggestedBy(schema: ParameterSchema): Record<string, readonly string[]> {
  const { prompt } = schema.properties;
  return prompt?.["x-families"] ?? { "": (prompt?.examples ?? []).map(String).slice(0, MOST_CHIPS) };
}

const MOST_CHIPS = 14;

/** A look on top of what is asked for already, or not any more. */
function toggled(text: string, look: string): string {
  const asked = text.split(",").map((one) => one.trim());
  const kept = asked.filter((one) => one !== "" && one !== look);
  return (asked.includes(look) ? kept : [...kept, look]).join(", ");
}

function PromptBox(props: {
  suggested: Record<string, readonly string[]>;
  value: string;
  onChange(text: string): void;
  onEnter(): void;
}) {
  const { suggested, value, onChange, onEnter } = props;
  const id = useId();
  const [recent] = useState(recentPrompts);
  const asked = value.split(",").map((one) => one.trim());
  return (
    <div className="row">
      <label className="row-title" htmlFor={id}>
        The look, in words
      </label>
      <textarea
        id={id}
        rows={2}
        data-autofocus
        placeholder="what would it look like in …"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          onEnter();
        }}
      />
      {recent.length > 0 && (
        <ul className="chips" aria-label="Asked for before">
          {recent.slice(0, 3).map((text) => (
            <li key={text}>
              <button type="button" className="chip" title={text} onClick={() => onChange(text)}>
                {text}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="families">
        {Object.entries(suggested).map(([family, looks]) => (
          <div key={family} className="family">
            {family && <span>{family}</span>}
            <ul className="chips" aria-label={family || "Looks to begin with"}>
              {looks.map((look) => (
                <li key={look}>
                  <button
                    type="button"
                    className="chip"
                    aria-pressed={asked.includes(look)}
                    onClick={() => onChange(toggled(value, look))}
                  >
                    {look}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </div>
  );
}
