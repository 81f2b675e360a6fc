// A line is drawn on the picture, by pointer or keys; where it is a camera's way, the view moves along it at once.

import { type PointerEvent, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type Point, type View, viewsAlong } from "../../model/along";
import { count } from "../format";
import { IconButton } from "../parts/controls";
import type { ControlProps } from "./controls";
import { drawn, keyed, within } from "./drawn";
import { PointedAt } from "./pointed";

const MOST = 64;
const FRAMES = 97;
/** A round of the view along the line, and its rest at the end. */
const ROUND_MS = 3600;
const REST_MS = 700;

export function LinePad({ id, field, value, values = {}, onChange }: ControlProps) {
  const picture = useContext(PointedAt);
  const line = Array.isArray(value) ? (value as Point[]) : [];
  const [hand, setHand] = useState<Point[] | null>(null);
  const [aspect, setAspect] = useState(16 / 9);
  const shown = hand ? drawn(hand, MOST) : line;
  const zoom = setting(values, field.camera?.zoom, 1);
  const roll = setting(values, field.camera?.roll, 0);
  const key = JSON.stringify(shown);
  const views = useMemo(() => {
    const points = JSON.parse(key) as Point[];
    return field.camera && points.length > 1
      ? viewsAlong(points, { frames: FRAMES, zoom, roll, aspect })
      : [];
  }, [field.camera, key, zoom, roll, aspect]);

  const at = (event: PointerEvent<HTMLElement>): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  };
  const points = shown.map(([x, y]) => `${100 * x},${100 * y}`).join(" ");
  return (
    <div className="line">
      <div
        id={id}
        className="line-pad"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        aria-label={`${field.title}: draw with the pointer, or add points with the arrow keys`}
        aria-describedby={`${id}-points`}
        data-drawn={shown.length > 1 || undefined}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setHand([at(event)]);
        }}
        onPointerMove={(event) => {
          if (hand) setHand([...hand, at(event)]);
        }}
        onPointerUp={() => {
          if (hand) onChange(drawn(hand, MOST));
          setHand(null);
        }}
        onPointerCancel={() => setHand(null)}
        onKeyDown={(event) => {
          const next = keyed(line, event.key, event.shiftKey, MOST);
          if (next === undefined) return;
          event.preventDefault();
          onChange(next);
        }}
      >
        {picture && (
          <img
            src={picture}
            alt=""
            draggable={false}
            onLoad={({ currentTarget: image }) => setAspect(image.naturalWidth / image.naturalHeight)}
          />
        )}
        {views.length > 0 && <Moving views={views} follow={hand !== null} />}
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          <polyline points={points} className="line-under" />
          <polyline points={points} />
        </svg>
        {shown[0] && <i style={{ left: `${100 * shown[0][0]}%`, top: `${100 * shown[0][1]}%` }} />}
        {shown.length === 0 && <span className="line-hint">Draw here</span>}
      </div>
      <p className="row-help line-foot">
        <output id={`${id}-points`}>
          {shown.length > 0 ? count(shown.length, "point") : "or use the arrow keys"}
        </output>
        {line.length > 0 && (
          <IconButton icon="close" label={`${field.title}: begin anew`} onClick={() => onChange(null)} />
        )}
      </p>
    </div>
  );
}

/** The view on its way along the line; under the hand, and where somebody wants no motion, at its end. */
function Moving({ views, follow }: { views: readonly View[]; follow: boolean }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const still = follow || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (still) return place(frame.current, views.at(-1));
    let request = 0;
    const began = performance.now();
    const draw = (now: number) => {
      const share = Math.min(1, Math.max(0, ((now - began) % (ROUND_MS + REST_MS)) / ROUND_MS));
      place(frame.current, views[Math.round(share * (views.length - 1))]);
      request = requestAnimationFrame(draw);
    };
    draw(began);
    return () => cancelAnimationFrame(request);
  }, [views, follow]);
  return <div ref={frame} className="line-view" />;
}

function place(frame: HTMLElement | null, view: View | undefined): void {
  if (!frame || !view) return;
  const { x, y, scale, turn } = view;
  frame.style.cssText = `left:${100 * (x - scale / 2)}%;top:${100 * (y - scale / 2)}%;width:${100 * scale}%;height:${100 * scale}%;transform:rotate(${turn}rad)`;
}

function setting(values: Record<string, unknown>, name: string | undefined, fallback: number): number {
  const value = name === undefined ? fallback : values[name];
  return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}
