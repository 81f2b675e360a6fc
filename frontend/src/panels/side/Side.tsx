// The sheet at the right and the rail that opens it: one panel at a time, all of them a click away.

import type { ReactNode } from "react";
import type { Side as SideName } from "../../app/ui";
import { isOpen } from "../../model/rows";
import { useJobs, useStudio, useUi } from "../context";
import { Icon, type IconName } from "../icons";
import { Inspector } from "../inspector/Inspector";
import { IconButton } from "../parts/controls";
import { HistoryPanel } from "./HistoryPanel";
import { JobsPanel } from "./JobsPanel";
import { Outline } from "./Outline";
import { SequencesPanel } from "./SequencesPanel";

const SIDES: readonly { side: NonNullable<SideName>; title: string; icon: IconName; panel: ReactNode }[] = [
  { side: "inspector", title: "Inspector", icon: "inspector", panel: <Inspector /> },
  { side: "sequences", title: "Sequences", icon: "film", panel: <SequencesPanel /> },
  { side: "jobs", title: "Jobs", icon: "jobs", panel: <JobsPanel /> },
  { side: "history", title: "History", icon: "history", panel: <HistoryPanel /> },
  { side: "search", title: "Outline", icon: "outline", panel: <Outline /> },
];

/** The panel in sight. An inspector with nothing to inspect leaves the room to the pictures. */
export function useSheet(): SideName {
  return useUi((ui) => (ui.side === "inspector" && ui.selection.size === 0 ? null : ui.side));
}

export function Side() {
  const studio = useStudio();
  const side = useUi((ui) => ui.side);
  const shown = useSheet();
  const open = SIDES.find((one) => one.side === shown);
  return (
    <>
      <nav className="capsule rail" aria-label="Panels">
        {SIDES.map((one) => (
          <button
            key={one.side}
            type="button"
            className="icon-button"
            aria-expanded={one.side === side}
            title={one.title}
            onClick={() => studio.setUi({ side: one.side === side ? null : one.side })}
          >
            <Icon name={one.icon} />
            <span className="unseen">{one.title}</span>
            {one.side === "jobs" && <Busy />}
          </button>
        ))}
      </nav>
      {open && (
        <aside className="sheet" aria-label={open.title} key={open.side}>
          <header className="sheet-head">
            <h2>{open.title}</h2>
            <IconButton
              icon="right"
              label={`Close ${open.title}`}
              onClick={() => studio.setUi({ side: null })}
            />
          </header>
          <div className="sheet-body">{open.panel}</div>
        </aside>
      )}
    </>
  );
}

/** How many jobs are open, and whether one has failed. */
function Busy() {
  const open = useJobs((jobs) => jobs.filter(isOpen).length);
  const failed = useJobs((jobs) => jobs.some((job) => job.state === "failed"));
  if (open === 0 && !failed) return null;
  return (
    <span className="busy" data-failed={failed || undefined}>
      {open > 0 ? (open > 99 ? "99+" : open) : "!"}
      <span className="unseen">{failed ? " open, some failed" : " open"}</span>
    </span>
  );
}
