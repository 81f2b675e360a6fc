// Two takes of an edge side by side, played in step, and the choice between them.

import { useState } from "react";
import { takesOf } from "../../model/derive";
import type { Id, Take } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { edgeName } from "../naming";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { PlaybackBar } from "../parts/PlaybackBar";
import { EdgeCanvas } from "../parts/pictures";
import { usePlayback } from "../parts/usePlayback";
import { timelineOf } from "../timeline";

export function TakesPopup({ edge }: { edge: Id }) {
  const studio = useStudio();
  const row = useDoc((doc) => doc.edges.get(edge));
  const name = useDoc((doc) => (row ? edgeName(doc, row) : ""));
  const takes = useDoc((doc) => takesOf(doc, edge).filter((take) => !take.failure));
  const length = timelineOf([{ edge, reverse: false, take: null, speed: 1, hold: 0 }], studio.doc).total;
  const playback = usePlayback(length, true, !studio.ui().reducedMotion);
  const [sides, setSides] = useState<[number, number]>([Math.max(0, takes.length - 2), takes.length - 1]);
  const t = length > 0 ? playback.time / length : 0;
  return (
    <Dialog
      title={`Takes of ${name}`}
      size="large"
      onClose={() => studio.setUi({ popup: null })}
      footer={<PlaybackBar playback={playback} length={length} label="Place in both takes" />}
    >
      {takes.length === 0 && (
        <figure className="only-preview">
          <EdgeCanvas edge={edge} t={t} width={960} label="A preview of this thread" />
          <figcaption className="facts">A preview: no take is rendered yet.</figcaption>
        </figure>
      )}
      <div className="side-by-side">
        {(takes.length > 1 ? sides : [0]).map((at, side) => (
          <OneTake
            // biome-ignore lint/suspicious/noArrayIndexKey: left and right
            key={side}
            edge={edge}
            takes={takes}
            at={at}
            t={t}
            shown={row?.active ?? null}
            label={side === 0 ? "Left" : "Right"}
            onChoose={(next) => setSides(side === 0 ? [next, sides[1]] : [sides[0], next])}
          />
        ))}
      </div>
    </Dialog>
  );
}

function OneTake(props: {
  edge: Id;
  takes: readonly Take[];
  at: number;
  t: number;
  shown: Id | null;
  label: string;
  onChoose(at: number): void;
}) {
  const { edge, takes, at, t, shown, label, onChoose } = props;
  const actions = useActions();
  const take = takes[at];
  if (!take) return null;
  return (
    <figure>
      <EdgeCanvas edge={edge} take={take.id} t={t} width={640} label={`Take ${at + 1}`} />
      <figcaption>
        <select
          aria-label={`${label} take`}
          value={at}
          onChange={(event) => onChoose(Number(event.target.value))}
        >
          {takes.map((one, place) => (
            <option key={one.id} value={place}>
              Take {place + 1}
            </option>
          ))}
        </select>
        <span className={`badge badge-${take.tier}`}>{take.tier}</span>
        <span className="grow" />
        <Button icon="pin" disabled={take.id === shown} onClick={() => actions.showTake(edge, take.id)}>
          {take.id === shown ? "Shown" : take.tier === "final" ? "Pin this final" : "Show this one"}
        </Button>
      </figcaption>
    </figure>
  );
}
