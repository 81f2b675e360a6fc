// A small clock for things that play in a panel, apart from the path player of the app.

import { useEffect, useState } from "react";

export interface Playback {
  /** Seconds. */
  time: number;
  running: boolean;
  toggle(): void;
  pause(): void;
  seek(seconds: number): void;
}

/** Runs from 0 to `length` seconds, and over again when `loop`. */
export function usePlayback(length: number, loop: boolean, start = false): Playback {
  const [time, setTime] = useState(0);
  const [running, setRunning] = useState(start);
  useEffect(() => {
    if (!running || length <= 0) return;
    let frame = 0;
    let last = performance.now();
    const tick = (now: number) => {
      const past = (now - last) / 1000;
      last = now;
      setTime((before) => {
        const next = before + past;
        return next < length ? next : loop ? next % length : length;
      });
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [running, length, loop]);
  const ended = !loop && time >= length;
  useEffect(() => {
    if (ended) setRunning(false);
  }, [ended]);
  return {
    time: Math.min(time, length),
    running,
    toggle: () => {
      if (ended) setTime(0);
      setRunning(!running);
    },
    pause: () => setRunning(false),
    seek: setTime,
  };
}
