// The film as it will be: each moment drawn by the canvas, so that it runs on from step to step without a gap.

import { useRef, useState } from "react";
import { useStudio, useUi } from "../context";
import { IconButton } from "../parts/controls";
import { EdgeCanvas, useAspect } from "../parts/pictures";
import { momentAt, type Timeline } from "../timeline";

const [NARROWEST, WIDEST] = [200, 1200];

export function Player({ timeline, onClose }: { timeline: Timeline; onClose(): void }) {
  const studio = useStudio();
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(400);
  const aspect = useAspect();
  const resize = (wished: number) => setWidth(Math.min(WIDEST, Math.max(NARROWEST, Math.round(wished))));
  const drag = (event: React.PointerEvent<HTMLButtonElement>) => {
    const [x, before] = [event.clientX, width];
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (move) => resize(before + move.clientX - x);
    handle.onpointerup = () => {
      handle.onpointermove = null;
    };
  };
  const whole = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void frame.current?.requestFullscreen();
  };
  return (
    <div
      className="player"
      ref={frame}
      style={{ "--width": `${width}px`, "--aspect": aspect } as React.CSSProperties}
    >
      <Screen timeline={timeline} />
      <div className="player-do">
        <IconButton icon="expand" label="Full screen" onClick={whole} />
        <IconButton
          icon="close"
          label="Close the player"
          onClick={() => (studio.ui().path ? onClose() : studio.setUi({ playing: null }))}
        />
      </div>
      <button
        type="button"
        className="player-grip"
        aria-label="Size of the player: drag, or press the arrow keys"
        onPointerDown={drag}
        onKeyDown={(event) => {
          const step = { ArrowRight: 40, ArrowUp: 40, ArrowLeft: -40, ArrowDown: -40 }[event.key];
          if (step) {
            event.preventDefault();
            resize(width + step);
          }
        }}
      />
    </div>
  );
}

function Screen({ timeline }: { timeline: Timeline }) {
  const time = useUi((ui) => (ui.playing?.what === "path" ? ui.playing.seconds : 0));
  const moment = momentAt(timeline, time);
  if (!moment) return null;
  const { edge, take } = moment.span;
  return (
    <EdgeCanvas
      edge={edge}
      take={take ?? undefined}
      t={moment.t}
      width={960}
      label="The film at this moment"
    />
  );
}
