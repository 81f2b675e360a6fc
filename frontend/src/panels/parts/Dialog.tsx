// A window over the canvas: in the middle, or beside a thing. The browser traps the focus, gives it back, and closes on Escape.

import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { IconButton } from "./controls";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function Dialog(props: {
  title: string;
  onClose(): void;
  children: ReactNode;
  /** In CSS pixels of the window; it stands beside it. Null: in the middle. */
  beside?: Box | null;
  size?: "small" | "medium" | "large";
  footer?: ReactNode;
  /** Without a head of its own. */
  bare?: boolean;
  /** Near the top, so that it does not jump while it grows. */
  high?: boolean;
  /** Only text: the keys scroll it. */
  reading?: boolean;
}) {
  const {
    title,
    onClose,
    children,
    beside = null,
    size = "medium",
    footer,
    bare = false,
    high = false,
    reading = false,
  } = props;
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);

  // Before it is painted, so that it has a size to be placed by.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (!dialog) return;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    const first =
      dialog.querySelector<HTMLElement>("[data-autofocus]") ?? dialog.querySelector<HTMLElement>("h2");
    first?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  useLayoutEffect(() => {
    const dialog = element.current;
    if (!dialog || !beside) return;
    const settle = () => setPlace(placeBeside(beside, dialog.offsetWidth, dialog.offsetHeight));
    settle();
    const watch = new ResizeObserver(settle);
    watch.observe(dialog);
    window.addEventListener("resize", settle);
    return () => {
      watch.disconnect();
      window.removeEventListener("resize", settle);
    };
  }, [beside]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does by key what a click beside it does
    <dialog
      ref={element}
      className={`dialog dialog-${size}`}
      data-high={high || undefined}
      data-beside={place ? true : undefined}
      style={place ?? undefined}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div className="dialog-body">
        <header className={bare ? "unseen" : "dialog-head"}>
          <h2 id={heading} tabIndex={-1}>
            {title}
          </h2>
          {!bare && <IconButton icon="close" label="Close" onClick={onClose} />}
        </header>
        <div className="dialog-content" tabIndex={reading ? 0 : undefined}>
          {children}
        </div>
        {footer && <footer className="dialog-foot">{footer}</footer>}
      </div>
    </dialog>
  );
}

/** Right of a box, else left of it, else as near as the window lets it; null on a small window: in the middle. */
export function placeBeside(box: Box, width: number, height: number): { left: number; top: number } | null {
  const gap = 12;
  const [across, down] = [window.innerWidth, window.innerHeight];
  if (across < 760) return null;
  const right = box.x + box.width + gap;
  const left = right + width <= across - gap ? right : box.x - gap - width;
  return {
    left: Math.round(Math.min(Math.max(left, gap), across - width - gap)),
    top: Math.round(Math.min(Math.max(box.y, gap), Math.max(gap, down - height - gap))),
  };
}
