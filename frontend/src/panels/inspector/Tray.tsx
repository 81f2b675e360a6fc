// The candidates that wait beside a node: keep the good ones, fold the rest away.

import { useState } from "react";
import { candidatesOf } from "../../model/derive";
import { type Id, isOpen } from "../../model/rows";
import { useActions, useDoc, useJobs, useStudio } from "../context";
import { count } from "../format";
import { Button, IconButton, Progress, Section } from "../parts/controls";
import { CandidatePicture } from "../parts/pictures";

export function Tray({ node }: { node: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const candidates = useDoc((doc) => candidatesOf(doc, node));
  const making = useJobs((jobs) =>
    jobs.filter((job) => job.subject === node && job.kind === "rendering" && isOpen(job)),
  );
  const notes = useDoc((doc) => [
    ...new Set(candidatesOf(doc, node).flatMap((one) => doc.renderings.get(one.rendering)?.notes ?? [])),
  ]);
  const [asked, setAsked] = useState(false);
  if (candidates.length === 0 && making.length === 0) return null;
  const all = candidates.map((one) => one.id);
  return (
    <Section title={count(candidates.length, "candidate")} aside={<FanOut node={node} />}>
      {notes.map((note) => (
        <p key={note} className="facts tray-note">
          {note}
        </p>
      ))}
      <ul className="tray">
        {candidates.map((one) => (
          <li key={one.id} className="candidate">
            <button
              type="button"
              className="thumb"
              title={one.label ? `${one.label} · compare` : "Compare with what it was made from"}
              aria-label={`Compare ${one.label || "this candidate"}`}
              onClick={() => studio.setUi({ popup: { kind: "compare", node, candidate: one.id } })}
            >
              <CandidatePicture id={one.id} />
            </button>
            <div className="candidate-do">
              <IconButton
                icon="check"
                label="Keep as a picture of its own"
                onClick={() => actions.keep([one.id])}
              />
              <IconButton icon="spread" label="More like this" onClick={() => void actions.more(one.id)} />
              <IconButton icon="close" label="Discard" onClick={() => actions.discard([one.id])} />
            </div>
          </li>
        ))}
        {making.map((job) => (
          <li key={job.id} className="candidate candidate-making">
            <Progress share={job.share} label={job.title} />
            <span>{job.state === "running" ? job.doing || "working" : job.state}</span>
          </li>
        ))}
      </ul>
      {all.length > 0 && (
        <div className="line">
          <Button icon="check" onClick={() => actions.keep(all)}>
            Keep all
          </Button>
          {asked ? (
            <Button
              tone="bad"
              onClick={() => {
                actions.discard(all);
                setAsked(false);
              }}
            >
              Discard {all.length}?
            </Button>
          ) : (
            <Button tone="quiet" onClick={() => setAsked(true)}>
              Discard all
            </Button>
          )}
        </div>
      )}
    </Section>
  );
}

function FanOut({ node }: { node: Id }) {
  const studio = useStudio();
  const fanned = studio.ui().tray === node;
  return (
    <Button tone="quiet" onClick={() => studio.setUi({ tray: fanned ? null : node })}>
      {fanned ? "Fold away" : "Fan out"}
    </Button>
  );
}
