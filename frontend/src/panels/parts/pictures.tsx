// Pictures of nodes, candidates and edges, wherever a panel shows one.

import { useEffect, useRef, useState } from "react";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { nodeName } from "../naming";

/** A node's picture as it sits in the frame. `alt` is empty where its name stands beside it. */
export function NodePicture({ id, side = 256, alt }: { id: Id; side?: number; alt?: string }) {
  const { media } = useStudio();
  const shown = useDoc((doc) => ({ hash: doc.nodes.get(id)?.framed ?? "", name: nodeName(doc, id) }));
  if (!shown.hash) return <span className="picture picture-missing" />;
  return (
    <img className="picture" src={media.pixels(shown.hash, side)} alt={alt ?? shown.name} draggable={false} />
  );
}

/** A candidate's picture. */
export function CandidatePicture({ id, side = 256, alt = "" }: { id: Id; side?: number; alt?: string }) {
  const { media } = useStudio();
  const hash = useDoc((doc) => doc.renderings.get(doc.candidates.get(id)?.rendering ?? "")?.pixels ?? "");
  if (!hash) return <span className="picture picture-missing" />;
  return <img className="picture" src={media.pixels(hash, side)} alt={alt} draggable={false} />;
}

/** Width over height of the workspace's frame. */
export function useAspect(): number {
  return useDoc((doc) => {
    const frame = doc.settings?.frame;
    return frame ? frame.width / frame.height : 3 / 2;
  });
}

/** A canvas is drawn as large as it is shown, in steps, so that dragging a corner does not draw it anew at every pixel. */
const SIZE_STEP = 64;
/** Where reading back a frame takes long (a software renderer), at most this share of the time goes into it. */
const BUSY_SHARE = 0.3;
/** Until a picture or a field that is still missing is asked for again. */
const RETRY_MS = 60;

/** A moment of an edge, drawn by the canvas, at most `width` pixels wide. */
export function EdgeCanvas(props: {
  edge: Id;
  t: number;
  take?: Id | undefined;
  width?: number;
  label: string;
}) {
  const { edge, t, take, width = 320, label } = props;
  const actions = useActions();
  const aspect = useAspect();
  const element = useRef<HTMLCanvasElement>(null);
  const rested = useRef(0);
  const seen = useRef(0);
  const [missing, setMissing] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another film begins unseen
  useEffect(() => {
    seen.current = 0;
  }, [edge, take]);
  useEffect(() => {
    let timer = 0;
    const draw = () => {
      const canvas = element.current;
      const early = rested.current - performance.now();
      if (!canvas) return;
      if (early > 0) {
        timer = window.setTimeout(draw, early);
        return;
      }
      fitTo(canvas, width, aspect);
      const before = performance.now();
      const drawn = actions.view()?.drawEdge(edge, t, canvas, take) ?? false;
      const cost = performance.now() - before;
      rested.current = cost > 8 ? performance.now() + cost / BUSY_SHARE - cost : 0;
      // A film shows another of its frames while it seeks the right one.
      if (drawn || seen.current !== canvas.width) setMissing(!drawn);
      if (drawn) seen.current = canvas.width;
      else timer = window.setTimeout(draw, RETRY_MS);
    };
    draw();
    return () => window.clearTimeout(timer);
  }, [actions, edge, t, take, width, aspect]);

  return (
    <canvas
      ref={element}
      className="picture"
      data-missing={missing || undefined}
      style={{ aspectRatio: aspect }}
      role="img"
      aria-label={label}
    />
  );
}

function fitTo(canvas: HTMLCanvasElement, most: number, aspect: number): void {
  const shown = (canvas.clientWidth || most) * Math.min(2, devicePixelRatio);
  const width = Math.min(most, Math.ceil(shown / SIZE_STEP) * SIZE_STEP);
  if (canvas.width === width) return;
  canvas.width = width;
  canvas.height = Math.round(width / aspect);
}

/** Two pictures of the same size with a line between them that can be dragged or moved by arrow keys. */
export function BeforeAfter({ before, after, label }: { before: string; after: string; label: string }) {
  const [share, setShare] = useState(50);
  const aspect = useAspect();
  return (
    <div className="before-after" style={{ "--aspect": aspect } as React.CSSProperties}>
      <img className="picture" src={before} alt="Before" draggable={false} />
      <img
        className="picture after"
        src={after}
        alt="After"
        draggable={false}
        style={{ clipPath: `inset(0 0 0 ${share}%)` }}
      />
      <span className="before-after-line" style={{ left: `${share}%` }} />
      <span className="before-after-word" data-side="before">
        Before
      </span>
      <span className="before-after-word" data-side="after">
        After
      </span>
      <input
        type="range"
        min={0}
        max={100}
        value={share}
        aria-label={label}
        onChange={(event) => setShare(Number(event.target.value))}
      />
    </div>
  );
}
