// One thread: it plays here, is cut here, and says what it is up to.

import { useEffect, useState } from "react";
import { fpsOf } from "../../model/derive";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio, useUi } from "../context";
import { clock, seconds } from "../format";
import { edgeName } from "../naming";
import { Button, EditableText, IconButton, Section } from "../parts/controls";
import { EdgeCanvas, NodePicture } from "../parts/pictures";
import { usePlayback } from "../parts/usePlayback";
import { AnotherTake } from "./AnotherTake";
import { EdgeStateLine } from "./EdgeStateLine";
import { RecipeLine, useRecipe } from "./RecipeLine";
import { Takes } from "./Takes";

export function EdgeCard({ id }: { id: Id }) {
  const actions = useActions();
  const edge = useDoc((doc) => doc.edges.get(id));
  const name = useDoc((doc) => (edge ? edgeName(doc, edge) : ""));
  const rate = useDoc((doc) => fpsOf(doc.settings));
  const recipe = useRecipe(id, edge?.active ?? null);
  if (!edge) return null;
  return (
    <>
      <Scrubber id={id} frames={edge.frames} rate={rate} />
      <div className="title-line">
        <EditableText
          value={edge.label}
          label="Name of this thread"
          placeholder={name}
          onCommit={(label) => actions.setFields(id, { label })}
        />
      </div>
      <Ends source={edge.source} target={edge.target} />
      <EdgeStateLine id={id} />
      <Duration id={id} frames={edge.frames} rate={rate} />
      <Takes edge={id} />
      <AnotherTake edge={id} />
      {edge.active && <RecipeLine id={id} recipe={recipe} fallback="" />}
      <div className="line">
        <Button icon="trash" tone="bad" onClick={() => actions.remove([id])}>
          Delete this thread
        </Button>
      </div>
    </>
  );
}

/** Plays and scrubs the edge; the frame in sight is where it is cut. */
function Scrubber({ id, frames, rate }: { id: Id; frames: number; rate: number }) {
  const studio = useStudio();
  const actions = useActions();
  const length = (frames - 1) / rate;
  const playback = usePlayback(length, true);
  const shown = useUi((ui) => (ui.scrub?.edge === id ? ui.scrub.t : null));
  const t = shown ?? (length > 0 ? playback.time / length : 0);
  const frame = Math.round(t * (frames - 1));
  const inside = frame >= 1 && frame <= frames - 2;
  const go = (next: number) => {
    playback.pause();
    studio.setUi({ scrub: { edge: id, t: next } });
    playback.seek(next * length);
  };
  useEffect(
    () => () => {
      if (studio.ui().scrub?.edge === id) studio.setUi({ scrub: null });
    },
    [studio, id],
  );
  const play = () => {
    studio.setUi({ scrub: null });
    playback.toggle();
  };
  return (
    <div className="scrubber">
      <EdgeCanvas edge={id} t={t} width={592} label={`Frame ${frame} of ${frames}`} />
      <div className="scrub-line">
        <IconButton
          icon={playback.running ? "pause" : "play"}
          label={playback.running ? "Pause" : "Play"}
          onClick={play}
        />
        <input
          type="range"
          className="scrub"
          min={0}
          max={frames - 1}
          step={1}
          value={frame}
          aria-label="Frame"
          aria-valuetext={`frame ${frame}, ${clock(frame / rate)}`}
          style={{ "--filled": `${t * 100}%` } as React.CSSProperties}
          onChange={(event) => go(Number(event.target.value) / (frames - 1))}
        />
      </div>
      <div className="line scrub-facts">
        <span className="number-words">
          {clock(frame / rate)}{" "}
          <span>
            · frame {frame} of {frames - 1}
          </span>
        </span>
        <Button
          icon="scissors"
          disabled={!inside}
          title={
            inside ? "Makes a picture of this frame, on the thread  B" : "Scrub to a moment inside first"
          }
          onClick={() => void actions.branch(id, frame)}
        >
          Branch here
        </Button>
        <Button
          icon="restyle"
          title="A thread that moves like this one, between both pictures in another style  R"
          onClick={() => studio.setUi({ popup: { kind: "restyle", node: id, like: null } })}
        >
          Restyle
        </Button>
      </div>
    </div>
  );
}

function Ends({ source, target }: { source: Id; target: Id }) {
  const actions = useActions();
  return (
    <div className="ends">
      {[source, target].map((node, place) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a thread may start and end at the same picture
          key={place}
          type="button"
          className="thumb"
          onClick={() => actions.goTo(node)}
          title={place === 0 ? "Go to where it starts" : "Go to where it ends"}
        >
          <NodePicture id={node} />
        </button>
      ))}
    </div>
  );
}

function Duration({ id, frames, rate }: { id: Id; frames: number; rate: number }) {
  const actions = useActions();
  const [draft, setDraft] = useState<string | null>(null);
  const now = (frames - 1) / rate;
  const commit = () => {
    const wished = Number(draft);
    if (draft !== null && wished > 0 && Math.abs(wished - now) > 0.5 / rate) actions.setSeconds(id, wished);
    setDraft(null);
  };
  return (
    <Section title="Duration">
      <div className="line">
        <span className="number">
          <input
            type="number"
            aria-label="Duration in seconds"
            min={0.1}
            max={600}
            step={0.5}
            value={draft ?? String(Number(now.toFixed(2)))}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={commit}
            onKeyDown={(event) => event.key === "Enter" && commit()}
          />
          <span className="unit">s</span>
        </span>
        {[1, 2, 3, 5].map((wished) => (
          <button
            key={wished}
            type="button"
            className="chip"
            aria-pressed={Math.abs(now - wished) < 0.5 / rate}
            onClick={() => actions.setSeconds(id, wished)}
          >
            {seconds(wished)}
          </button>
        ))}
      </div>
    </Section>
  );
}
