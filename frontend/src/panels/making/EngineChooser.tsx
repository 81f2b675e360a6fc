// Which engine makes it: what it is good for, its tier, where it runs and what it takes, with its licence on hover.

import { useId } from "react";
import type { Engine } from "../../app/actions";
import { useStudio } from "../context";
import { count, dollars, wait } from "../format";
import type { MakingForm } from "./useMaking";

const PLACES = {
  cpu: "on this computer",
  gpu: "on this graphics card",
  remote: "on a server",
};

/** On which terms the chosen engine works. */
export function Terms({ form, operation }: { form: MakingForm; operation: string }) {
  const licence = form.engine?.operations[operation]?.licence;
  if (!licence) return null;
  const where = form.engine?.runs_on === "remote" ? " Pictures and words are sent to its server." : "";
  return (
    <p className="row-help">
      Licence: {licence}.{where}
    </p>
  );
}

export function EngineChooser({ form, operation }: { form: MakingForm; operation: string }) {
  const name = useId();
  const studio = useStudio();
  return (
    <fieldset className="engines">
      <legend className="row-title">Engine</legend>
      {form.engines
        .filter((engine) => engine.available)
        .map((engine) => (
          <label key={engine.name} className="engine">
            <input
              type="radio"
              name={name}
              checked={engine.name === form.engine?.name}
              onChange={() => form.chooseEngine(engine.name)}
            />
            <span className="engine-name">
              {engine.title} <span className={`badge badge-${engine.tier}`}>{engine.tier}</span>
            </span>
            <span className="engine-summary">
              {engine.summary} · {PLACES[engine.runs_on]}
            </span>
          </label>
        ))}
      {form.engines.length === 0 && <p className="row-help">No engine here can do this.</p>}
      <Terms form={form} operation={operation} />
      <NotYet engines={form.engines.filter((engine) => !engine.available)} />
      <button
        type="button"
        className="link-button"
        onClick={() => studio.setUi({ popup: { kind: "engines" } })}
      >
        All engines, keys and addresses …
      </button>
    </fieldset>
  );
}

/** Engines that could do it too, once they have what they lack: one line, until somebody wants to know. */
function NotYet({ engines }: { engines: readonly Engine[] }) {
  if (engines.length === 0) return null;
  return (
    <details className="engines-not-yet">
      <summary>{count(engines.length, "more engine")} to set up</summary>
      <ul>
        {engines.map((engine) => (
          <li key={engine.name}>
            <span className="engine-name">
              {engine.title} <span className={`badge badge-${engine.tier}`}>{engine.tier}</span>
            </span>
            <span className="engine-summary">{engine.missing.join("; ")}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** How long it will take; nobody here knows how busy a server is. */
export function duration(engine: Engine | undefined, seconds: number): string {
  return engine?.runs_on === "remote" && seconds === 0 ? "as long as its server takes" : wait(seconds);
}

/** What `many` of it will take: "~8 s · free". */
export function Price({ form, many = 1 }: { form: MakingForm; many?: number }) {
  const { estimate, engine } = form;
  if (!estimate) return <span className="price">{engine ? "…" : ""}</span>;
  return (
    <output className="price" title={`Estimated for ${count(many, "picture")}`}>
      {duration(engine, estimate.seconds * many)} · {dollars(estimate.dollars * many)}
    </output>
  );
}
