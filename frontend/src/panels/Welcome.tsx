// An empty workspace: a place to drop pictures, and three small assignments for those who don't know where to start.

import { useId, useState } from "react";
import { WEATHERS } from "../app/weathers";
import { useActions, useDoc, useRead, useStudio, useUi } from "./context";
import { Icon } from "./icons";
import { Button } from "./parts/controls";

const PICTURES = "Choose two pictures";

const CONSTRAINTS = [
  {
    title: "A scene you know",
    text: "Recreate a moment of a film from your own pictures: the first frame, the last, and what lies between.",
    action: PICTURES,
  },
  {
    title: "Nothing in common",
    text: "Take two pictures that have nothing to do with each other, and find the way between them.",
    action: PICTURES,
  },
  {
    title: "One picture, five weathers",
    text: `One picture as ${WEATHERS.slice(0, -1).join(", ")} and ${WEATHERS.at(-1)}, and a film that lets the weather turn.`,
    action: "Choose one picture",
  },
] as const;

export function Welcome() {
  const empty = useDoc((doc) => doc.nodes.size === 0);
  const coming = useRead((studio) => studio.arrivals().length > 0);
  const live = useUi((ui) => ui.connected === "live");
  const actions = useActions();
  if (!empty || coming || !live) return null;
  return (
    <section className="welcome" aria-label="Start">
      <span className="mark welcome-mark">
        <Icon name="mark" />
      </span>
      <h2>Drop pictures here</h2>
      <p>Pull the round handle of one onto another, and a film grows between them.</p>
      <Button tone="main" icon="pictures" onClick={() => actions.chooseFiles()}>
        Choose pictures
      </Button>
      <ul className="constraints">
        {CONSTRAINTS.map((one, place) => (
          <Constraint key={one.title} place={place} {...one} />
        ))}
      </ul>
    </section>
  );
}

function Constraint(props: { place: number; title: string; text: string; action: string }) {
  const { place, title, text, action } = props;
  const file = useId();
  const start = useConstraint();
  const [busy, setBusy] = useState(false);
  const one = place === 2;
  return (
    <li className="constraint">
      <strong>{title}</strong>
      <p>{text}</p>
      <label className="button tone-plain" htmlFor={file} aria-disabled={busy || undefined}>
        {action}
        <input
          id={file}
          className="unseen"
          type="file"
          accept="image/*"
          multiple={!one}
          disabled={busy}
          onChange={(event) => {
            setBusy(true);
            void start([...(event.target.files ?? [])], one).finally(() => setBusy(false));
          }}
        />
      </label>
    </li>
  );
}

/** Brings the pictures in and takes the first step: two are connected, one gets its five weathers and their film. */
function useConstraint(): (files: File[], weathers: boolean) => Promise<void> {
  const actions = useActions();
  const { doc } = useStudio();
  return async (files, weathers) => {
    if (files.length === 0) return;
    await actions.bring(files.slice(0, weathers ? 1 : 2), null);
    const [first, second] = [...doc.nodes.keys()];
    if (first && second && !weathers) actions.connect(first, second);
    if (first && weathers) await actions.turnTheWeather(first);
  };
}
