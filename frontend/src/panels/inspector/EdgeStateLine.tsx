// What a thread is up to, and the one button that helps.

import type { ReactNode } from "react";
import { edgeState } from "../../model/derive";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useRead } from "../context";
import { wait } from "../format";
import { Icon, type IconName } from "../icons";
import { Button, IconButton, Progress } from "../parts/controls";

export function EdgeStateLine({ id }: { id: Id }) {
  const actions = useActions();
  const edge = useDoc((doc) => doc.edges.get(id));
  const state = useRead((studio) => edge && edgeState(studio.doc, studio.jobs(), edge));
  if (!state || !edge) return null;
  const { job } = state;
  const again = () =>
    void actions.renderTake(id, { engine: edge.engine, parameters: edge.parameters, seed: null });
  switch (state.state) {
    case "ready":
      return null;
    case "queued":
    case "running":
      return (
        <State
          kind={state.state}
          words={state.state === "queued" ? (job?.state ?? "queued") : state.doing || "Rendering"}
        >
          <div className="line">
            <Progress share={state.share} label={job?.title ?? "Rendering"} />
            <span className="facts">{job && job.seconds > 0 && wait(job.seconds * (1 - state.share))}</span>
            <IconButton
              icon="close"
              label="Cancel"
              onClick={() => job && void actions.job("cancel", [job.id])}
            />
          </div>
        </State>
      );
    case "failed":
      return (
        <State kind="failed" icon="warning" words={state.reason || "It failed"}>
          {state.hint && <p>{state.hint}</p>}
          <Button icon="retry" onClick={() => (job ? void actions.job("retry", [job.id]) : again())}>
            Retry
          </Button>
        </State>
      );
    case "stale":
      return (
        <State kind="stale" icon="history" words="Its pictures or its length have changed">
          <Button icon="retry" onClick={again}>
            Renew
          </Button>
        </State>
      );
    case "none":
      return (
        <State kind="none" words="A preview: nothing is rendered yet">
          <Button icon="play" onClick={again}>
            Render it
          </Button>
        </State>
      );
  }
}

function State({
  kind,
  icon,
  words,
  children,
}: {
  kind: string;
  icon?: IconName;
  words: string;
  children: ReactNode;
}) {
  return (
    <div className="state" data-kind={kind} role="status">
      <div className="state-words">
        {icon && <Icon name={icon} />}
        <strong>{words}</strong>
      </div>
      {children}
    </div>
  );
}
