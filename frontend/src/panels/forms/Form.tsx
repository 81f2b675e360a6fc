// The form of an operation, made from the schema its engine declares.

import { type ReactNode, useId } from "react";
import type { ParameterSchema } from "../../app/actions";
import { CONTROLS } from "./controls";
import { type Field, fieldsOf, problem, type Values } from "./schema";

export function Form(props: {
  schema: ParameterSchema;
  values: Values;
  onChange(values: Values): void;
  /** Names of parameters that are asked for elsewhere. */
  without?: readonly string[];
}) {
  const { schema, values, onChange, without = [] } = props;
  const fields = fieldsOf(schema).filter((field) => !without.includes(field.name));
  if (fields.length === 0) return null;
  return (
    <div className="form">
      {fields.map((field) => (
        <Row
          key={field.name}
          field={field}
          value={values[field.name] ?? field.fallback}
          onChange={(value) => onChange({ ...values, [field.name]: value })}
        />
      ))}
    </div>
  );
}

/** One line of a form: its name, its control, and what is wrong. */
function Row({ field, value, onChange }: { field: Field; value: unknown; onChange(value: unknown): void }) {
  const id = useId();
  const Control = CONTROLS[field.control];
  const wrong = problem(field, value);
  return (
    <Labelled id={id} title={field.title} help={field.help} wrong={wrong} group={field.control === "choice"}>
      <Control id={id} field={field} value={value} onChange={onChange} />
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
