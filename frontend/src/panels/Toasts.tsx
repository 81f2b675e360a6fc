// Short messages at the foot of the window, and their words for readers.

import { useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { Toast } from "../app/ui";
import { useStudio, useUi } from "./context";
import { IconButton } from "./parts/controls";

export function Toasts() {
  const toasts = useUi((ui) => ui.toasts);
  const popup = useUi((ui) => ui.popup);
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

function One({ toast }: { toast: Toast }) {
  const studio = useStudio();
  const { key, tone, text, hint, action } = toast;
  const close = () => studio.dismiss(key);
  return (
    <div className="toast" data-tone={tone} role={tone === "bad" ? "alert" : "status"}>
      <div className="toast-words">
        <p>{text}</p>
        {hint && <p className="toast-hint">{hint}</p>}
      </div>
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
