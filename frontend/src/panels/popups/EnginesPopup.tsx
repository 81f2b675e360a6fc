// All engines: what they can do, on which terms, and what they lack, with the place to give it.

import { useId, useState } from "react";
import type { Engine } from "../../app/actions";
import { useActions, useRead, useStudio } from "../context";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";

const PLACES = {
  cpu: "runs on this computer",
  gpu: "runs on this computer’s graphics card",
  remote: "runs on a server: pictures and words are sent there",
};

export function EnginesPopup() {
  const studio = useStudio();
  const engines = useRead((one) => one.actions.engines());
  return (
    <Dialog title="Engines" size="medium" reading onClose={() => studio.setUi({ popup: null })}>
      <ul className="engine-list">
        {engines.map((engine) => (
          <EngineCard key={engine.name} engine={engine} />
        ))}
      </ul>
      <p className="row-help">
        What you say here holds for all your workspaces. Keys go into the system’s keyring.
      </p>
    </Dialog>
  );
}

function EngineCard({ engine }: { engine: Engine }) {
  const actions = useActions();
  const operations = Object.entries(engine.operations);
  const licences = [...new Set(operations.map(([, { licence }]) => licence))];
  return (
    <li className="engine-card" data-off={!engine.available || undefined}>
      <h3>
        {engine.title} <span className={`badge badge-${engine.tier}`}>{engine.tier}</span>
        <span className="engine-state">{engine.available ? "ready" : engine.off ? "off" : "not ready"}</span>
      </h3>
      {engine.summary && <p>{engine.summary}</p>}
      {operations.length > 0 && (
        <p className="row-help">
          {operations.map(([name]) => name).join(", ")} · {PLACES[engine.runs_on]} · {licences.join(", ")}
        </p>
      )}
      {engine.off ? (
        <Off engine={engine} />
      ) : (
        engine.missing.map((line) => (
          <p key={line} className="engine-missing">
            {line}
          </p>
        ))
      )}
      {Object.entries(engine.settings).map(([name, title]) => (
        <Given key={name} title={title} onKeep={(value) => actions.keepEngineSetting(name, value)} />
      ))}
      {engine.key && (
        <Given
          title={engine.available ? "Another key" : "Your key"}
          secret
          onKeep={(key) => actions.keepKey(engine.name, key)}
        />
      )}
      {engine.homepage && (
        <a href={engine.homepage} target="_blank" rel="noreferrer noopener">
          {engine.homepage.replace(/^https?:\/\//, "")}
        </a>
      )}
    </li>
  );
}

function Off({ engine }: { engine: Engine }) {
  const actions = useActions();
  return (
    <>
      <p className="engine-missing">
        It comes from another package. Allow it only if you trust its author: its code runs with your rights.
      </p>
      <Button onClick={() => void actions.allowEngine(engine.name, true)}>Allow {engine.title}</Button>
    </>
  );
}

/** Something is typed and handed over; it is not shown again. */
function Given(props: { title: string; secret?: boolean; onKeep(value: string): Promise<void> }) {
  const { title, secret = false, onKeep } = props;
  const id = useId();
  const [value, setValue] = useState("");
  const keep = () => {
    void onKeep(value.trim());
    setValue("");
  };
  return (
    <form
      className="engine-given"
      onSubmit={(event) => {
        event.preventDefault();
        keep();
      }}
    >
      <label htmlFor={id}>{title}</label>
      <input
        id={id}
        type={secret ? "password" : "text"}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <Button disabled={value.trim() === ""} onClick={keep}>
        Keep
      </Button>
    </form>
  );
}
