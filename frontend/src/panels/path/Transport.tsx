// Play, loop and scrub a whole path.

import type { Step } from "../../model/rows";
import { useActions, useUi } from "../context";
import { clock } from "../format";
import { IconButton } from "../parts/controls";
import type { Timeline } from "../timeline";

export function Transport({ steps, timeline }: { steps: readonly Step[]; timeline: Timeline }) {
  const actions = useActions();
  const started = useUi((ui) => ui.playing?.what === "path");
  const running = useUi((ui) => ui.playing?.what === "path" && ui.playing.running);
  const time = useUi((ui) => (ui.playing?.what === "path" ? ui.playing.seconds : 0));
  const loop = useUi((ui) => ui.path?.loop ?? (ui.playing?.what === "path" && ui.playing.loop));
  const nothing = steps.length === 0;
  const { total } = timeline;
  const toggle = () => (running ? actions.pause() : actions.play(steps, time >= total - 0.01 ? 0 : time));
  const seek = (seconds: number) => {
    if (!started) {
      actions.play(steps, seconds);
      actions.pause();
    }
    actions.seek(seconds);
  };
  return (
    <div className="transport">
      <IconButton
        icon={running ? "pause" : "play"}
        label={running ? "Pause" : "Play the path"}
        disabled={nothing}
        onClick={toggle}
      />
      <IconButton
        icon="loop"
        label="Loop"
        pressed={loop}
        disabled={nothing}
        onClick={() => actions.toggleLoop()}
      />
      <span className="clock">
        {clock(time)} <span>/ {clock(total)}</span>
      </span>
      <div className="path-scrub">
        <input
          type="range"
          className="scrub"
          min={0}
          max={Math.max(total, 0.01)}
          step={0.01}
          value={Math.min(time, total)}
          disabled={nothing}
          aria-label="Place in the path"
          aria-valuetext={`${clock(time)} of ${clock(total)}`}
          style={
            { "--filled": `${total > 0 ? (Math.min(time, total) / total) * 100 : 0}%` } as React.CSSProperties
          }
          onChange={(event) => seek(Number(event.target.value))}
        />
        {timeline.spans.slice(1).map((span) => (
          <span key={span.index} className="path-joint" style={{ left: `${(span.start / total) * 100}%` }} />
        ))}
      </div>
    </div>
  );
}
