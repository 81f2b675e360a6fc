// What was done here, newest first, by whom; a line selects what it touched.

import { useEffect, useState } from "react";
import type { LogLine } from "../../app/actions";
import { useActions, useDoc } from "../context";
import { ago } from "../format";
import { Button, Empty } from "../parts/controls";

export function HistoryPanel() {
  const actions = useActions();
  const seq = useDoc((doc) => doc.seq);
  const [lines, setLines] = useState<readonly LogLine[] | null>(null);
  const [who, setWho] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: every change is a new line
  useEffect(() => {
    let current = true;
    const timer = window.setTimeout(() => void actions.log().then((log) => current && setLines(log)), 120);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [actions, seq]);
  const people = [...new Set((lines ?? []).map((line) => line.actor))];
  const shown = (lines ?? []).filter((line) => who === "" || line.actor === who);
  return (
    <>
      <div className="line line-split">
        <Button icon="undo" onClick={() => void actions.undo()}>
          Undo
        </Button>
        <Button icon="redo" onClick={() => void actions.redo()}>
          Redo
        </Button>
        {people.length > 1 && (
          <select aria-label="Whose changes" value={who} onChange={(event) => setWho(event.target.value)}>
            <option value="">Everybody</option>
            {people.map((actor) => (
              <option key={actor}>{actor}</option>
            ))}
          </select>
        )}
      </div>
      {lines?.length === 0 && <Empty icon="history">Nothing has happened here yet.</Empty>}
      <ol className="log">
        {shown.map((line) => (
          <li key={line.seq}>
            <button
              type="button"
              className="log-line"
              disabled={line.ids.length === 0}
              title={line.ids.length > 0 ? "Select what this touched" : undefined}
              onClick={() => {
                actions.select(line.ids);
                if (line.ids[0]) actions.goTo(line.ids[0]);
              }}
            >
              <span className="log-who" data-engine={line.actor === "engine" || undefined}>
                {line.actor.slice(0, 1).toUpperCase()}
              </span>
              <span className="log-words">
                <strong>{line.actor}</strong> {line.text}
                <time dateTime={line.at} title={line.at}>
                  {ago(line.at)}
                </time>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}
