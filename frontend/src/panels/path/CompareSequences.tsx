// Two sequences side by side, played in step.

import type { Id, Step } from "../../model/rows";
import { useDoc, useStudio } from "../context";
import { clock } from "../format";
import { Dialog } from "../parts/Dialog";
import { PlaybackBar } from "../parts/PlaybackBar";
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
      footer={<PlaybackBar playback={playback} length={total} label="Place in both" />}
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
