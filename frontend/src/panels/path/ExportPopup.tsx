// A sequence as a film: choose a format, watch it being written, take the file.

import { type Id, isOpen, type Job } from "../../model/rows";
import { useActions, useDoc, useJobs, useStudio } from "../context";
import { clock, count, percent } from "../format";
import { Icon } from "../icons";
import { Button, IconButton, Progress } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { timelineOf } from "../timeline";

const SUFFIX = ".mp4";

export function ExportPopup({ sequence }: { sequence: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const row = useDoc((doc) => doc.sequences.get(sequence));
  const length = useDoc((doc) => timelineOf(row?.steps ?? [], doc).total);
  const exports = useJobs((jobs) =>
    jobs.filter((job) => job.kind === "export" && job.subject === sequence).toReversed(),
  );
  const close = () => studio.setUi({ popup: null });
  return (
    <Dialog
      title={`Export “${row?.name ?? ""}”`}
      size="small"
      onClose={close}
      footer={
        <Button
          tone="main"
          icon="download"
          focus
          disabled={exports.some(isOpen)}
          onClick={() => void actions.exportSequence(sequence, SUFFIX)}
        >
          Export
        </Button>
      }
    >
      <p className="facts">
        {count(row?.steps.length ?? 0, "step")} · {clock(length)} · an MP4 film, which plays everywhere
      </p>
      <ul className="exports" aria-live="polite">
        {exports.slice(0, 5).map((job) => (
          <ExportRow key={job.id} job={job} href={studio.film(job.id)} />
        ))}
      </ul>
    </Dialog>
  );
}

function ExportRow({ job, href }: { job: Job; href: string }) {
  const actions = useActions();
  const name = String(job.result.path ?? job.title)
    .split("/")
    .at(-1);
  if (isOpen(job)) {
    return (
      <li className="export">
        <span>
          {job.doing || job.state} · {percent(job.share)}
        </span>
        <Progress share={job.share} label={job.title} />
        <IconButton icon="close" label="Cancel" onClick={() => void actions.job("cancel", [job.id])} />
      </li>
    );
  }
  if (job.state === "failed") {
    return (
      <li className="export job-failure">
        <span>
          {job.failure} {job.hint}
        </span>
        <IconButton icon="retry" label="Retry" onClick={() => void actions.job("retry", [job.id])} />
      </li>
    );
  }
  if (job.state !== "done") return null;
  return (
    <li className="export">
      <a href={href} download className="film-link">
        <Icon name="film" />
        {name}
      </a>
    </li>
  );
}
