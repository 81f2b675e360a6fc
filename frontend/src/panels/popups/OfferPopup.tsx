// A thread was let go of over nothing: what shall it lead to?

import { useId } from "react";
import type { Point } from "../../field/host";
import type { Id } from "../../model/rows";
import { useActions, useStudio } from "../context";
import { Icon, type IconName } from "../icons";
import { Dialog } from "../parts/Dialog";
import { choosePicture } from "./FindPopup";

export function OfferPopup({ source, at, screen }: { source: Id; at: Point; screen: Point }) {
  const studio = useStudio();
  const actions = useActions();
  const file = useId();
  const close = () => studio.setUi({ popup: null });
  /** Brings the picture in and leads the thread to it as soon as it is there. */
  const bring = async (files: File[]) => {
    const before = new Set(studio.doc.nodes.keys());
    await actions.bring(files, at);
    for (const id of studio.doc.nodes.keys()) if (!before.has(id)) return actions.connect(source, id);
  };
  return (
    <Dialog
      title="Lead this thread to"
      size="small"
      onClose={close}
      beside={{ ...screen, width: 0, height: 0 }}
    >
      <div className="choices">
        <label className="choice" htmlFor={file}>
          <Icon name="pictures" />
          <span>
            <strong>A picture from a file</strong>
            <span>it lands here</span>
          </span>
          <input
            id={file}
            className="unseen"
            type="file"
            accept="image/*"
            onChange={(event) => {
              void bring([...(event.target.files ?? [])].slice(0, 1));
              close();
            }}
          />
        </label>
        <Choice
          icon="find"
          title="A picture that is here"
          hint="find it by name"
          onClick={() => choosePicture(studio, "Connect to", (target) => actions.connect(source, target))}
        />
        <Choice
          icon="vary"
          title="A variation"
          hint="of where it starts"
          onClick={() => studio.setUi({ thread: { source, at }, popup: { kind: "vary", node: source } })}
        />
        <Choice
          icon="restyle"
          title="The same in another style"
          hint="by words or another picture"
          onClick={() =>
            studio.setUi({ thread: { source, at }, popup: { kind: "restyle", node: source, like: null } })
          }
        />
      </div>
    </Dialog>
  );
}

function Choice({
  icon,
  title,
  hint,
  onClick,
}: {
  icon: IconName;
  title: string;
  hint: string;
  onClick(): void;
}) {
  return (
    <button type="button" className="choice" onClick={onClick}>
      <Icon name={icon} />
      <span>
        <strong>{title}</strong>
        <span>{hint}</span>
      </span>
    </button>
  );
}
