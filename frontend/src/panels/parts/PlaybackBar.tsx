// Play, pause and scrub what runs in a window of its own.

import { clock } from "../format";
import { IconButton } from "./controls";
import type { Playback } from "./usePlayback";

/** `length`: seconds. The slider goes from 0 to 1. */
export function PlaybackBar({
  playback,
  length,
  label,
}: {
  playback: Playback;
  length: number;
  label: string;
}) {
  const share = length > 0 ? playback.time / length : 0;
  return (
    <div className="transport">
      <IconButton
        icon={playback.running ? "pause" : "play"}
        label={playback.running ? "Pause" : "Play"}
        onClick={playback.toggle}
      />
      <span className="clock">
        {clock(playback.time)} <span>/ {clock(length)}</span>
      </span>
      <input
        type="range"
        className="scrub"
        min={0}
        max={1}
        step={0.001}
        value={share}
        aria-label={label}
        style={{ "--filled": `${share * 100}%` } as React.CSSProperties}
        onChange={(event) => playback.seek(Number(event.target.value) * length)}
      />
    </div>
  );
}
