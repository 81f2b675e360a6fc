// Short messages at the foot of the window, and their words for readers.

import { useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { Toast } from "../app/ui";
import { useStudio, useUi } from "./context";
import { IconButton } from "./parts/controls";

export function Toasts() {
  const toasts = useUi((ui) => ui.toasts);
  const popup = useUi((ui) => ui.popup);
  const around = useUi((ui) => `${ui.side} ${ui.selection.size > 0} ${ui.path !== null} ${ui.playing?.what}`);
  const home = useRef<HTMLDivElement>(null);
  const [place] = useState(() => {
    const made = document.createElement("div");
    made.className = "toasts";
    return made;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each window that opens or closes
  useLayoutEffect(() => {
    const dialog = [...document.querySelectorAll("dialog")].at(-1);
    const into = dialog ?? home.current;
    if (into && place.parentElement !== into) move(place, into);
  }, [place, popup]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with everything that may come to lie under them
  useLayoutEffect(() => {
    const settle = () => clear(place);
    settle();
    // Windows find their own place first.
    let frame = requestAnimationFrame(() => {
      settle();
      frame = requestAnimationFrame(settle);
    });
    const watch = new ResizeObserver(settle);
    watch.observe(place);
    window.addEventListener("resize", settle);
    return () => {
      cancelAnimationFrame(frame);
      watch.disconnect();
      window.removeEventListener("resize", settle);
    };
  }, [place, popup, around, toasts]);
  return (
    <div ref={home}>
      {createPortal(
        <section aria-label="Messages">
          {toasts.slice(-4).map((toast) => (
            <One key={toast.key} toast={toast} />
          ))}
        </section>,
        place,
      )}
    </div>
  );
}

/** Under an open window nothing can be clicked or read out, so messages go into it, and above it. */
function move(place: HTMLElement, into: HTMLElement): void {
  place.removeAttribute("popover");
  into.append(place);
  if (into instanceof HTMLDialogElement && "showPopover" in place) {
    place.setAttribute("popover", "manual");
    place.showPopover();
  }
  // They came up before: to be moved is not to come up again.
  for (const rising of place.getAnimations?.({ subtree: true }) ?? []) rising.finish();
}

/** What messages never lie on. */
const IN_THE_WAY = "dialog[open], .sheet, .path-panel, .player, .capsule, .banner";
const GAP = 12;

/** The first place that is free: at the bottom left, in the middle of the bottom, below the bar, at the left. */
function clear(place: HTMLElement): void {
  const [across, down] = [window.innerWidth, window.innerHeight];
  const { offsetWidth: width, offsetHeight: height } = place;
  const others = [...document.querySelectorAll<HTMLElement>(IN_THE_WAY)]
    .filter((one) => !place.contains(one))
    .map((one) => one.getBoundingClientRect());
  const [middle, low] = [(across - width) / 2, down - GAP - height];
  const tops = others.map((one) => one.top - GAP - height).filter((top) => top > down / 2);
  const places = [
    { left: GAP, top: low },
    { left: middle, top: low },
    ...tops.flatMap((top) => [
      { left: GAP, top },
      { left: middle, top },
    ]),
    { left: GAP, top: 64 },
    { left: across - GAP - width, top: low },
    { left: middle, top: 112 },
  ];
  const free = places.find(({ left, top }) =>
    others.every(
      (one) => left >= one.right || left + width <= one.left || top >= one.bottom || top + height <= one.top,
    ),
  );
  const { left, top } = free ?? { left: GAP, top: low };
  place.style.left = `${Math.round(left)}px`;
  place.style.bottom = `${Math.round(down - top - height)}px`;
}

/** More words than three lines hold. */
const LONG = 130;

function One({ toast }: { toast: Toast }) {
  const studio = useStudio();
  const [open, setOpen] = useState(false);
  const { key, tone, text, hint, action } = toast;
  const close = () => studio.dismiss(key);
  const hold = (held: boolean) => () => studio.holdToast(key, held);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: reading it does nothing but keep it there
    <div
      className="toast"
      data-tone={tone}
      data-open={open || undefined}
      role={tone === "bad" ? "alert" : "status"}
      onPointerEnter={hold(true)}
      onPointerLeave={hold(false)}
      onFocus={hold(true)}
      onBlur={hold(false)}
    >
      <div className="toast-words">
        <p>{text}</p>
        {hint && <p className="toast-hint">{hint}</p>}
      </div>
      {(text.length > LONG || hint.length > LONG / 2) && (
        <button
          type="button"
          className="button tone-quiet"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? "Less" : "Details"}
        </button>
      )}
      {action && (
        <button
          type="button"
          className="button tone-quiet"
          onClick={() => {
            action.run();
            close();
          }}
        >
          {action.title}
        </button>
      )}
      <IconButton icon="close" label="Close this message" onClick={close} />
    </div>
  );
}
