// One step of a path: a few frames of it, how fast, and how long it rests at its end.

import { useState } from "react";
import { fpsOf } from "../../model/derive";
import type { Step } from "../../model/rows";
import { endsOf } from "../../model/walks";
import { useActions, useDoc, useStudio, useUi } from "../context";
import { seconds } from "../format";
import { nodeName } from "../naming";
import { Button, IconButton } from "../parts/controls";
import { NodePicture } from "../parts/pictures";
import { momentAt, timelineOf } from "../timeline";

export const SLOWEST = 0.25;
export const FASTEST = 4;

export function StepCard(props: { step: Step; index: number; proposed: boolean; editable: boolean }) {
  const { step, index, proposed, editable } = props;
  const studio = useStudio();
  const actions = useActions();
  const edge = useDoc((doc) => doc.edges.get(step.edge));
  const rate = useDoc((doc) => fpsOf(doc.settings));
  const ends = useDoc((doc) => endsOf(doc, step) ?? []);
  const names = useDoc((doc) => (endsOf(doc, step) ?? []).map((id) => nodeName(doc, id)));
  const take = step.take ?? edge?.active ?? null;
  const title = names.join(" → ");
  const length = edge ? (edge.frames - 1) / rate / step.speed : 0;
  const playFrom = () => {
    const { path, playing } = studio.ui();
    const steps = path?.steps ?? (playing?.what === "path" ? playing.steps : []);
    const span = timelineOf(steps, studio.doc).spans.find((one) => one.index === index);
    if (span) actions.play(steps, span.start);
  };
  return (
    <li className="step" data-proposed={proposed || undefined}>
      <button
        type="button"
        className="step-film"
        data-reverse={step.reverse || undefined}
        title={`${title} · ${seconds(length)}`}
        aria-label={`Step ${index + 1}: ${title}. Play from here`}
        onClick={playFrom}
      >
        {take ? (
          <img className="step-strip" src={studio.media.strip(take, 4, 96)} alt="" draggable={false} />
        ) : (
          ends.map((id, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: both ends may be the same picture
            <NodePicture key={place} id={id} alt="" />
          ))
        )}
        <StepHead index={index} />
      </button>
      <div className="step-foot">
        <span className="step-name" title={title}>
          {index + 1}. {names[1] ?? "gone"}
        </span>
        {proposed && (
          <Button tone="path" onClick={() => actions.acceptProposed()}>
            Accept
          </Button>
        )}
        {editable && !proposed && (
          <>
            <Amount
              label={`Speed of step ${index + 1}`}
              unit="×"
              value={step.speed}
              least={SLOWEST}
              most={FASTEST}
              step={0.25}
              onCommit={(speed) => actions.setStep(index, { speed })}
            />
            <Amount
              label={`Hold after step ${index + 1}, in seconds`}
              unit="s"
              value={step.hold / rate}
              least={0}
              most={60}
              step={0.5}
              onCommit={(hold) => actions.setStep(index, { hold: Math.round(hold * rate) })}
            />
          </>
        )}
        {editable && (
          <IconButton
            icon="close"
            label={`Remove step ${index + 1}`}
            onClick={() => actions.removeStep(index)}
          />
        )}
      </div>
    </li>
  );
}

/** Where the player is inside this step. */
function StepHead({ index }: { index: number }) {
  const { doc } = useStudio();
  const share = useUi((ui) => {
    if (ui.playing?.what !== "path") return null;
    const moment = momentAt(timelineOf(ui.playing.steps, doc), ui.playing.seconds);
    if (moment?.span.index !== index) return null;
    const { start, end } = moment.span;
    return Math.round(((ui.playing.seconds - start) / (end - start)) * 200) / 200;
  });
  if (share === null) return null;
  return <span className="step-head" style={{ left: `${Math.min(1, share) * 100}%` }} />;
}

/** A small number that counts only when it is within its range. */
function Amount(props: {
  label: string;
  unit: string;
  value: number;
  least: number;
  most: number;
  step: number;
  onCommit(value: number): void;
}) {
  const { label, unit, value, least, most, step, onCommit } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const commit = () => {
    const wished = Number(draft);
    if (draft !== null && draft !== "" && Number.isFinite(wished))
      onCommit(Math.min(most, Math.max(least, wished)));
    setDraft(null);
  };
  return (
    <span className="number amount" title={label}>
      <input
        type="number"
        aria-label={label}
        min={least}
        max={most}
        step={step}
        value={draft ?? String(Number(value.toFixed(2)))}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
      <span className="unit">{unit}</span>
    </span>
  );
}
