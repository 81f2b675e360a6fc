// The strip at the bottom: the path in the making, or the one that plays, with its player above it.

import { useState } from "react";
import type { Id, Step } from "../../model/rows";
import { useActions, useDoc, useStudio, useUi } from "../context";
import { count } from "../format";
import { nodeName } from "../naming";
import { Button, IconButton } from "../parts/controls";
import { NodePicture } from "../parts/pictures";
import { useSheet } from "../side/Side";
import { timelineOf } from "../timeline";
import { OpenJointCard } from "./OpenJointCard";
import { Player } from "./Player";
import { StepCard } from "./StepCard";
import { Transport } from "./Transport";

const NO_STEPS: readonly Step[] = [];

export function PathPanel() {
  const path = useUi((ui) => ui.path);
  const playing = useUi((ui) => (ui.playing?.what === "path" ? ui.playing.steps : null));
  const sheet = useSheet() !== null;
  // Until it plays, the player would only cover pictures that somebody wants to click.
  const [wished, setWished] = useState<boolean | null>(null);
  const seen = wished ?? playing !== null;
  const steps = path?.steps ?? playing ?? NO_STEPS;
  const timeline = useDoc((doc) => JSON.stringify(timelineOf(steps, doc)));
  if (!path && !playing) return null;
  const parsed = JSON.parse(timeline) as ReturnType<typeof timelineOf>;
  return (
    <section
      className="path-panel"
      aria-label="Path"
      data-sheet={sheet || undefined}
      data-making={path !== null || undefined}
    >
      {seen && steps.length > 0 && <Player timeline={parsed} onClose={() => setWished(false)} />}
      <div className="strip">
        <div className="strip-head">
          <Transport steps={steps} timeline={parsed} />
          {steps.length > 0 && !seen && (
            <IconButton icon="film" label="Show the player" onClick={() => setWished(true)} />
          )}
          {path ? <Making /> : <JustPlaying />}
        </div>
        <Filmstrip />
      </div>
    </section>
  );
}

/** The steps as cards, left to right, with what is open at the end. */
function Filmstrip() {
  const path = useUi((ui) => ui.path);
  const playing = useUi((ui) => (ui.playing?.what === "path" ? ui.playing.steps : null));
  const steps = path?.steps ?? playing ?? NO_STEPS;
  if (path && steps.length === 0 && !path.joint) {
    return (
      <div className="strip-start">
        {path.start && <Start node={path.start} />}
        <p className="strip-hint">
          {path.start
            ? "Now click the next picture, or an edge that leaves this one."
            : "Click pictures or edges, in the order of the film."}
        </p>
      </div>
    );
  }
  return (
    <ol className="filmstrip" aria-label={count(steps.length, "step")}>
      {path?.start && steps.length === 0 && (
        <li>
          <Start node={path.start} />
        </li>
      )}
      {steps.map((step, index) => (
        <StepCard
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the path
          key={`${index}-${step.edge}`}
          step={step}
          index={index}
          proposed={path?.steps[index]?.proposed ?? false}
          editable={path !== null}
        />
      ))}
      {path?.joint && <OpenJointCard joint={path.joint} />}
    </ol>
  );
}

/** The picture that the path begins with, until there is a step to be seen. */
function Start({ node }: { node: Id }) {
  const name = useDoc((doc) => nodeName(doc, node));
  return (
    <figure className="path-start">
      <NodePicture id={node} alt="" />
      <figcaption>Starts at {name}</figcaption>
    </figure>
  );
}

function Making() {
  const studio = useStudio();
  const actions = useActions();
  const path = useUi((ui) => ui.path);
  if (!path) return null;
  const ready = path.steps.length > 0 && path.joint === null;
  const proposed = path.steps.filter((step) => step.proposed).length;
  const save = () => actions.savePath(path.name.trim() || "Untitled path");
  const exportIt = async () => {
    await save();
    const sequence = studio.ui().path?.sequence;
    if (sequence) studio.setUi({ popup: { kind: "export", sequence } });
  };
  return (
    <div className="strip-do">
      {proposed > 0 && (
        <Button icon="check" tone="path" onClick={() => actions.acceptProposed()}>
          Accept {count(proposed, "step")}
        </Button>
      )}
      <input
        type="text"
        className="path-name"
        aria-label="Name of this path"
        placeholder="Name this path"
        value={path.name}
        onChange={(event) => studio.setUi({ path: { ...path, name: event.target.value } })}
        onKeyDown={(event) => event.key === "Enter" && ready && void save()}
      />
      <Button disabled={!ready} onClick={() => void save()}>
        {path.sequence ? "Save" : "Save path"}
      </Button>
      <Button icon="download" disabled={!ready} onClick={() => void exportIt()}>
        Export
      </Button>
      <IconButton icon="close" label="Leave path mode" keys="Esc" onClick={() => actions.leavePathMode()} />
    </div>
  );
}

function JustPlaying() {
  const studio = useStudio();
  return (
    <div className="strip-do">
      <IconButton icon="close" label="Close the player" onClick={() => studio.setUi({ playing: null })} />
    </div>
  );
}
