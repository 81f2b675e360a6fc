// Two sequences side by side, played in step.

import type { Id, Step } from "../../model/rows";
import { useDoc, useStudio } from "../context";
import { clock } from "../format";
import { IconButton } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { EdgeCanvas } from "../parts/pictures";
import { usePlayback } from "../parts/usePlayback";
import { momentAt, timelineOf } from "../timeline";

export function CompareSequences({ one, other }: { one: Id; other: Id }) {
  const studio = useStudio();
  const total = useDoc((doc) =>
    Math.max(...[one, other].map((id) => timelineOf(doc.sequences.get(id)?.steps ?? [], doc).total)),
  );
  const playback = usePlayback(total, true, !studio.ui().reducedMotion);
  return (
    <Dialog
      title="Two sequences"
      size="large"
      onClose={() => studio.setUi({ popup: null })}
      footer={
        <div className="transport">
          <IconButton
            icon={playback.running ? "pause" : "play"}
            label={playback.running ? "Pause" : "Play"}
            onClick={playback.toggle}
          />
          <span className="clock">
            {clock(playback.time)} <span>/ {clock(total)}</span>
          </span>
          <input
            type="range"
            className="scrub"
            min={0}
            max={total}
            step={0.01}
            value={playback.time}
            aria-label="Place in both"
            style={{ "--filled": `${(playback.time / (total || 1)) * 100}%` } as React.CSSProperties}
            onChange={(event) => playback.seek(Number(event.target.value))}
          />
        </div>
      }
    >
      <div className="side-by-side">
        {[one, other].map((id) => (
          <OneSequence key={id} id={id} time={playback.time} />
        ))}
      </div>
    </Dialog>
  );
}

const NO_STEPS: readonly Step[] = [];

function OneSequence({ id, time }: { id: Id; time: number }) {
  const { doc } = useStudio();
  const sequence = useDoc((all) => all.sequences.get(id));
  const timeline = timelineOf(sequence?.steps ?? NO_STEPS, doc);
  const moment = momentAt(timeline, time);
  return (
    <figure>
      {moment && (
        <EdgeCanvas
          edge={moment.span.edge}
          take={moment.span.take ?? undefined}
          t={moment.t}
          width={640}
          label={sequence?.name ?? ""}
        />
      )}
      <figcaption>
        <strong>{sequence?.name}</strong> <span>{clock(timeline.total)}</span>
      </figcaption>
    </figure>
  );
}
