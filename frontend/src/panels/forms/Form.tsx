// The form of an operation, made from the schema its engine declares.

import { type ReactNode, useId } from "react";
import type { ParameterSchema } from "../../app/actions";
import { CONTROLS } from "./controls";
import { countingFields, type Field, problem, type Values } from "./schema";

export function Form(props: {
  schema: ParameterSchema;
  values: Values;
  onChange(values: Values): void;
  /** Names of parameters that are asked for elsewhere. */
  without?: readonly string[];
}) {
  const { schema, values, onChange, without = [] } = props;
  const fields = countingFields(schema, values).filter((field) => !without.includes(field.name));
  if (fields.length === 0) return null;
  return (
    <div className="form">
      {fields.map((field) => (
        <Row
          key={field.name}
          field={field}
          value={values[field.name] ?? field.fallback}
          values={values}
          onChange={(value) => onChange({ ...values, [field.name]: value })}
        />
      ))}
    </div>
  );
}

/** One line of a form: its name, its control, and what is wrong. */
function Row(props: { field: Field; value: unknown; values: Values; onChange(value: unknown): void }) {
  const { field, value, values, onChange } = props;
  const id = useId();
  const Control = CONTROLS[field.control];
  // What nobody has set yet is no mistake: its control says what to do.
  const wrong = value === null ? "" : problem(field, value);
  return (
    <Labelled
      id={id}
      title={field.title}
      help={field.help}
      wrong={wrong}
      group={field.control === "choice" || field.control === "line"}
    >
      <Control id={id} field={field} value={value} values={values} onChange={onChange} />
    </Labelled>
  );
}

export function Labelled(props: {
  id: string;
  title: string;
  help?: string;
  wrong?: string;
  /** The control names itself, being several. */
  group?: boolean;
  children: ReactNode;
}) {
  const { id, title, help = "", wrong = "", group = false, children } = props;
  return (
    <div className="row" data-wrong={wrong !== "" || undefined}>
      {group ? (
        <span className="row-title">{title}</span>
      ) : (
        <label className="row-title" htmlFor={id}>
          {title}
        </label>
      )}
      {children}
      {(wrong || help) && (
        <p className="row-help" id={`${id}-help`}>
          {wrong || help}
        </p>
      )}
    </div>
  );
}
