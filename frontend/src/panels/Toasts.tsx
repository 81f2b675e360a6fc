// Short messages at the foot of the window, and their words for readers.

import type { Toast } from "../app/ui";
import { useStudio, useUi } from "./context";
import { IconButton } from "./parts/controls";

export function Toasts() {
  const toasts = useUi((ui) => ui.toasts);
  return (
    <section className="toasts" aria-label="Messages">
      {toasts.slice(-4).map((toast) => (
        <One key={toast.key} toast={toast} />
      ))}
    </section>
  );
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
