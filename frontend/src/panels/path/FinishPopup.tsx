// Finals of a whole path by one engine: what it will take first, then all of it in one go.

import { useEffect, useState } from "react";
import type { Quote } from "../../app/actions";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { count, dollars } from "../format";
import { duration } from "../making/EngineChooser";
import { MakingFields } from "../making/MakingFields";
import { remember, useMaking } from "../making/useMaking";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";

export function FinishPopup({ sequence }: { sequence: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const row = useDoc((doc) => doc.sequences.get(sequence));
  const edge = row?.steps[0]?.edge ?? "";
  const source = useDoc((doc) => doc.edges.get(edge)?.source ?? "");
  const form = useMaking("transition", edge);
  const quote = useQuote(sequence, form.making, form.sound);
  const nothing = quote !== null && quote.edges + quote.pictures === 0;
  const close = () => studio.setUi({ popup: null });
  const go = () => {
    if (!quote) return;
    remember("transition", form.making);
    void actions.finish(sequence, form.making, quote.dollars);
    close();
  };
  return (
    <Dialog
      title={`Finish “${row?.name ?? ""}”`}
      size="small"
      onClose={close}
      footer={
        <>
          <output className="price">
            {quote
              ? `${duration(form.engine, quote.seconds)} · ${dollars(quote.dollars)}`
              : form.engine
                ? "…"
                : ""}
          </output>
          <Button tone="main" icon="film" disabled={!form.sound || !quote || nothing} onClick={go}>
            Finish
          </Button>
        </>
      }
    >
      <p className="facts">{quote ? told(quote) : "Looking at what is missing …"}</p>
      <MakingFields form={form} operation="transition" picture={source} />
    </Dialog>
  );
}

function told({ edges, pictures }: Quote): string {
  if (edges + pictures === 0) return "All its edges show finals of this engine.";
  const others = pictures > 0 ? ` and ${count(pictures, "picture")}` : "";
  return `${count(edges, "edge")}${others} to render as finals; drafts stay as takes.`;
}

function useQuote(sequence: Id, making: Parameters<typeof remember>[1], sound: boolean): Quote | null {
  const actions = useActions();
  const [quote, setQuote] = useState<Quote | null>(null);
  const asked = JSON.stringify(making);
  useEffect(() => {
    setQuote(null);
    if (!sound) return;
    let current = true;
    const timer = window.setTimeout(async () => {
      const answer = await actions.quote(sequence, JSON.parse(asked));
      if (current) setQuote(answer);
    }, 200);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [actions, sequence, asked, sound]);
  return quote;
}
