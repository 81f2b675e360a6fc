// The part of a making window that is the same for every operation: how many, the engine, its parameters, the seed.

import { useId } from "react";
import type { Id } from "../../model/rows";
import { useDoc, useStudio } from "../context";
import { Seed } from "../forms/controls";
import { Form, Labelled } from "../forms/Form";
import { PointedAt } from "../forms/pointed";
import type { Field } from "../forms/schema";
import { Segmented } from "../parts/controls";
import { EngineChooser } from "./EngineChooser";
import type { MakingForm } from "./useMaking";

const COUNTS = ["1", "2", "4", "8", "12"].map((value) => ({ value, title: value }));

const SEED: Field = {
  name: "seed",
  title: "Seed",
  help: "",
  control: "seed",
  whole: true,
  minimum: 0,
  maximum: 2 ** 31 - 1,
  step: 1,
  unit: "",
  options: [],
  longest: null,
  optional: true,
  needed: false,
  when: {},
  camera: null,
  fallback: null,
};

export function MakingFields(props: {
  form: MakingForm;
  operation: string;
  many?: number;
  setMany?(many: number): void;
  without?: readonly string[];
  /** The node whose picture one points at. */
  picture?: Id;
}) {
  const { form, operation, many, setMany, without, picture = "" } = props;
  const { media } = useStudio();
  const pixels = useDoc((doc) => doc.nodes.get(picture)?.framed ?? "");
  const seed = useId();
  const chosen = form.engines.length > 1 || form.engine?.available === false;
  return (
    <>
      {setMany && (
        <div className="row">
          <span className="row-title">How many</span>
          <Segmented
            label="How many"
            options={COUNTS}
            value={String(many)}
            onChange={(value) => setMany(Number(value))}
          />
        </div>
      )}
      <PointedAt value={pixels && media.pixels(pixels, 512)}>
        <Form
          schema={form.schema}
          values={form.values}
          onChange={form.setValues}
          {...(without ? { without } : {})}
        />
      </PointedAt>
      <Labelled
        id={seed}
        title="Seed"
        help="Empty: a new one each time. The same seed makes the same picture."
      >
        <Seed
          id={seed}
          field={SEED}
          value={form.seed}
          onChange={(value) => form.setSeed(typeof value === "number" ? value : null)}
        />
      </Labelled>
      {chosen ? (
        <EngineChooser form={form} operation={operation} />
      ) : (
        <p
          className="engine-only"
          title={`Licence: ${form.engine?.operations[operation]?.licence ?? "unknown"}`}
        >
          {form.engine ? (
            <>
              {form.engine.title}{" "}
              <span className={`badge badge-${form.engine.tier}`}>{form.engine.tier}</span>{" "}
              <span>{form.engine.summary}</span>
            </>
          ) : (
            "No engine here can do this."
          )}
        </p>
      )}
    </>
  );
}
