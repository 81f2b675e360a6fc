// Which part of a picture its frame shows: drag the window, scroll to zoom, or use arrows and + −.

import { useEffect, useRef, useState } from "react";
import type { Crop, Id, Node } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { nodeName } from "../naming";
import { Button, Segmented } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { useAspect } from "../parts/pictures";
import { MOST_ZOOM, moved, windowOf, zoomed } from "./crop";

export function ReframePopup({ node: id }: { node: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const node = useDoc((doc) => doc.nodes.get(id));
  const name = useDoc((doc) => nodeName(doc, id));
  const [crop, setCrop] = useState<Crop>(() => node?.crop ?? { fit: "cover", focus: [0.5, 0.5], zoom: 1 });
  const close = () => studio.setUi({ popup: null });
  if (!node) return null;
  const keep = () => {
    void actions.crop(id, crop);
    close();
  };
  return (
    <Dialog
      title={`Reframe “${name}”`}
      size="large"
      onClose={close}
      footer={
        <>
          <Button tone="quiet" onClick={() => setCrop({ fit: "cover", focus: [0.5, 0.5], zoom: 1 })}>
            Reset
          </Button>
          <Button onClick={close}>Cancel</Button>
          <Button tone="main" icon="check" onClick={keep}>
            Reframe
          </Button>
        </>
      }
    >
      <Editor node={node} crop={crop} onChange={setCrop} />
      <div className="line line-split">
        <Segmented
          label="Fit"
          value={crop.fit}
          onChange={(fit) => setCrop({ ...crop, fit })}
          options={[
            { value: "cover", title: "Fill the frame" },
            { value: "contain", title: "Show all of it" },
          ]}
        />
        <label className="zoom">
          <span>Zoom</span>
          <input
            type="range"
            min={0}
            max={Math.log2(MOST_ZOOM)}
            step={0.01}
            disabled={crop.fit === "contain"}
            value={Math.log2(crop.zoom)}
            aria-valuetext={`${crop.zoom.toFixed(1)} times`}
            style={
              { "--filled": `${(Math.log2(crop.zoom) / Math.log2(MOST_ZOOM)) * 100}%` } as React.CSSProperties
            }
            onChange={(event) => setCrop(zoomed(crop, 2 ** Number(event.target.value)))}
          />
          <output>{crop.zoom.toFixed(1)}×</output>
        </label>
      </div>
    </Dialog>
  );
}

function Editor({ node, crop, onChange }: { node: Node; crop: Crop; onChange(crop: Crop): void }) {
  const { media } = useStudio();
  const aspect = useAspect();
  const stage = useRef<HTMLDivElement>(null);
  const latest = useRef(crop);
  latest.current = crop;
  const shown = windowOf(crop, node.size, aspect);
  const [pw, ph] = node.size;
  const percent = { x: 100 / pw, y: 100 / ph };

  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      onChange(zoomed(latest.current, latest.current.zoom * 1.0015 ** -event.deltaY));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [onChange]);

  const drag = (event: React.PointerEvent<HTMLButtonElement>) => {
    const handle = event.currentTarget;
    const start = crop;
    const scale = pw / (stage.current?.clientWidth || pw);
    const [x, y] = [event.clientX, event.clientY];
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (move) =>
      onChange(moved(start, node.size, aspect, (move.clientX - x) * scale, (move.clientY - y) * scale));
    handle.onpointerup = () => {
      handle.onpointermove = null;
    };
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = pw * (event.shiftKey ? 0.1 : 0.02);
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way) onChange(moved(crop, node.size, aspect, (way[0] ?? 0) * step, (way[1] ?? 0) * step));
    else if (event.key === "+" || event.key === "=") onChange(zoomed(crop, crop.zoom * 1.1));
    else if (event.key === "-") onChange(zoomed(crop, crop.zoom / 1.1));
    else return;
    event.preventDefault();
  };
  const contain = crop.fit === "contain";
  return (
    <div
      className="reframe"
      ref={stage}
      style={{ aspectRatio: `${pw} / ${ph}`, maxWidth: `calc(52vh * ${pw / ph})` }}
    >
      <img src={media.blob(node.picture)} alt="" draggable={false} />
      <button
        type="button"
        className="reframe-window"
        data-autofocus
        data-contain={contain || undefined}
        aria-label="The part that is shown: arrow keys move it, plus and minus zoom"
        style={{
          left: `${shown.x * percent.x}%`,
          top: `${shown.y * percent.y}%`,
          width: `${shown.width * percent.x}%`,
          height: `${shown.height * percent.y}%`,
        }}
        onPointerDown={contain ? undefined : drag}
        onKeyDown={contain ? undefined : onKeyDown}
      />
    </div>
  );
}
