// What is being made, what waits and why, what went wrong and what would help; and the money it may take.

import { type FormEvent, useEffect, useState } from "react";
import type { Budget } from "../../app/actions";
import { isOpen, type Job } from "../../model/rows";
import { useActions, useJobs, useRead, useStudio } from "../context";
import { count, dollars, seconds, wait } from "../format";
import { Icon } from "../icons";
import { Button, Empty, IconButton, Progress, Section } from "../parts/controls";

export function JobsPanel() {
  const actions = useActions();
  const paused = useRead((studio) => studio.paused());
  const jobs = useJobs((all) => all);
  const open = jobs.filter(isOpen);
  const failed = jobs.filter((job) => job.state === "failed").toReversed();
  const done = jobs
    .filter((job) => job.state === "done")
    .toReversed()
    .slice(0, 12);
  const running = open.filter((job) => job.state === "running" || job.state === "cancelling");
  const waiting = open.filter((job) => !running.includes(job));
  return (
    <>
      <div className="line line-split">
        <Button
          icon={paused ? "play" : "pause"}
          onClick={() => void actions.job(paused ? "resume" : "pause", [])}
          title={paused ? "Start again with what waits" : "Finish what runs, start nothing new"}
        >
          {paused ? "Resume all" : "Pause all"}
        </Button>
        <Button
          tone="quiet"
          disabled={waiting.length === 0}
          onClick={() =>
            void actions.job(
              "cancel",
              waiting.map((job) => job.id),
            )
          }
        >
          Cancel what waits
        </Button>
      </div>
      {jobs.length === 0 && <Empty icon="jobs">Nothing is being made. What you start shows up here.</Empty>}
      <Group title="Running" jobs={running} />
      <Group title={paused ? "Paused" : "Waiting"} jobs={waiting} />
      <Group title="Failed" jobs={failed} />
      <Group title="Done" jobs={done} />
      <BudgetLine spentBy={done.length} />
    </>
  );
}

function Group({ title, jobs }: { title: string; jobs: readonly Job[] }) {
  if (jobs.length === 0) return null;
  return (
    <Section title={`${title} · ${jobs.length}`}>
      <ul className="jobs">
        {jobs.slice(0, 60).map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </ul>
      {jobs.length > 60 && <p className="facts">and {count(jobs.length - 60, "more", "more")}</p>}
    </Section>
  );
}

function JobRow({ job }: { job: Job }) {
  const studio = useStudio();
  const actions = useActions();
  const [open, setOpen] = useState(false);
  const over = !isOpen(job);
  return (
    <li className="job" data-state={job.state}>
      {job.preview && (
        <img className="job-preview" src={`${studio.jobPreview(job.id)}?${job.share}`} alt="" />
      )}
      <div className="job-words">
        <button type="button" className="link-button" onClick={() => actions.goTo(job.subject)}>
          {job.title}
        </button>
        <span className="facts">{told(job)}</span>
      </div>
      <div className="job-do">
        {job.story.length > 0 && (
          <IconButton icon={open ? "up" : "down"} label="Why" pressed={open} onClick={() => setOpen(!open)} />
        )}
        {job.state === "queued" && (
          <IconButton icon="up" label="Do this first" onClick={() => void actions.job("first", [job.id])} />
        )}
        {job.state === "failed" && (
          <IconButton icon="retry" label="Retry" onClick={() => void actions.job("retry", [job.id])} />
        )}
        {!over && (
          <IconButton icon="close" label="Cancel" onClick={() => void actions.job("cancel", [job.id])} />
        )}
        {job.state === "done" && typeof job.result.path === "string" && (
          <a
            className="icon-button"
            href={studio.film(job.id)}
            download
            aria-label="Save the film"
            title="Save the film"
          >
            <Icon name="download" />
          </a>
        )}
      </div>
      {job.state === "running" && <Progress share={job.share} label={job.title} />}
      {job.state === "failed" && (
        <p className="job-failure">
          {job.failure}
          {job.hint && <span>{job.hint}</span>}
        </p>
      )}
      {open && (
        <ol className="story">
          {job.story.map((line, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a story only grows
            <li key={place}>{line}</li>
          ))}
        </ol>
      )}
    </li>
  );
}

function told(job: Job): string {
  const price = job.dollars > 0 ? ` · ${dollars(job.dollars)}` : "";
  switch (job.state) {
    case "running":
      return `${job.doing || "working"} · ${wait(job.seconds * (1 - job.share))} left${price}`;
    case "done":
      return `${seconds(job.took)} · ${job.engine}${price}`;
    case "failed":
      return `${job.engine} · ${count(job.attempts, "attempt")}`;
    default:
      return `${job.state} · ${wait(job.seconds)} · ${job.engine}${price}`;
  }
}

function BudgetLine({ spentBy }: { spentBy: number }) {
  const actions = useActions();
  const [budget, setBudget] = useState<Budget | null>(null);
  const [draft, setDraft] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is done may have cost something
  useEffect(() => {
    let current = true;
    void actions.budget().then((answer) => current && setBudget(answer));
    return () => {
      current = false;
    };
  }, [actions, spentBy]);
  if (!budget) return null;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const total = Number(draft);
    if (draft !== null && Number.isFinite(total) && total >= 0) {
      await actions.setBudget(total, budget.per_request);
      setBudget(await actions.budget());
    }
    setDraft(null);
  };
  const used = budget.spent + budget.reserved;
  return (
    <Section title="Budget">
      <p className="facts">
        {used > 0
          ? `${dollars(used)} of ${dollars(budget.total)} used or set aside`
          : "Nothing spent. Engines that cost money never start above this."}
      </p>
      {budget.total > 0 && <Progress share={used / budget.total} label="Budget used" />}
      <form className="line" onSubmit={(event) => void save(event)}>
        <span className="number">
          <span className="unit">$</span>
          <input
            type="number"
            min={0}
            step={0.5}
            aria-label="Budget in dollars"
            value={draft ?? budget.total}
            onChange={(event) => setDraft(event.target.value)}
          />
        </span>
        <button type="submit" className="button tone-plain" disabled={draft === null}>
          Set
        </button>
      </form>
    </Section>
  );
}
