// One control for each kind of parameter, by name: a new kind is one more entry.

import { type ComponentType, useContext, useState } from "react";
import { IconButton, Segmented } from "../parts/controls";
import { LinePad } from "./LinePad";
import { PointedAt } from "./pointed";
import { type Control, type Field, readJson, type Values } from "./schema";

export interface ControlProps {
  id: string;
  field: Field;
  value: unknown;
  /** Those of the whole form. */
  values?: Values;
  onChange(value: unknown): void;
}

/** Seeds are whole numbers that fit in 31 bits. */
const SEEDS = 2 ** 31;

function Slider({ id, field, value, onChange }: ControlProps) {
  const number = typeof value === "number" ? value : (field.minimum ?? 0);
  const [low, high] = [field.minimum ?? 0, field.maximum ?? 1];
  const filled = high > low ? ((number - low) / (high - low)) * 100 : 0;
  return (
    <div className="slider">
      <input
        id={id}
        type="range"
        min={low}
        max={high}
        step={field.step}
        value={number}
        style={{ "--filled": `${filled}%` } as React.CSSProperties}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <NumberBox
        id={`${id}-exact`}
        field={field}
        value={value}
        onChange={onChange}
        label={`${field.title}, exact`}
      />
    </div>
  );
}

function NumberBox({ id, field, value, onChange, label }: ControlProps & { label?: string }) {
  return (
    <span className="number">
      <input
        id={id}
        type="number"
        aria-label={label}
        min={field.minimum ?? undefined}
        max={field.maximum ?? undefined}
        step={field.step}
        value={typeof value === "number" ? value : ""}
        placeholder={field.optional ? "auto" : undefined}
        onChange={(event) => {
          const typed = event.target.value;
          onChange(typed === "" ? (field.optional ? null : field.fallback) : Number(typed));
        }}
      />
      {field.unit && <span className="unit">{field.unit}</span>}
    </span>
  );
}

function Choice({ field, value, onChange }: ControlProps) {
  return (
    <Segmented
      label={field.title}
      options={field.options.map((option) => ({ value: String(option), title: String(option) }))}
      value={String(value)}
      onChange={(chosen) => onChange(field.options.find((option) => String(option) === chosen))}
    />
  );
}

function Select({ id, field, value, onChange }: ControlProps) {
  return (
    <select
      id={id}
      value={String(value)}
      onChange={(event) => onChange(field.options.find((option) => String(option) === event.target.value))}
    >
      {field.options.map((option) => (
        <option key={String(option)} value={String(option)}>
          {String(option)}
        </option>
      ))}
    </select>
  );
}

function Switch({ id, value, onChange }: ControlProps) {
  return (
    <input
      id={id}
      type="checkbox"
      role="switch"
      aria-checked={value === true}
      className="switch"
      checked={value === true}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

function Text({ id, field, value, onChange }: ControlProps) {
  return (
    <input
      id={id}
      type="text"
      value={typeof value === "string" ? value : ""}
      maxLength={field.longest ?? undefined}
      onChange={(event) => onChange(event.target.value === "" && field.optional ? null : event.target.value)}
    />
  );
}

function Prompt({ id, field, value, onChange }: ControlProps) {
  return (
    <textarea
      id={id}
      rows={3}
      value={typeof value === "string" ? value : ""}
      maxLength={field.longest ?? undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export function Seed({ id, field, value, onChange }: ControlProps) {
  return (
    <div className="seed">
      <NumberBox id={id} field={field} value={value} onChange={onChange} />
      <IconButton
        icon="dice"
        label="Another seed"
        onClick={() => onChange(Math.floor(Math.random() * SEEDS))}
      />
    </div>
  );
}

function Colour({ id, value, onChange }: ControlProps) {
  const shown = typeof value === "string" ? value : "#808080";
  return (
    <span className="colour">
      <input id={id} type="color" value={shown} onChange={(event) => onChange(event.target.value)} />
      <code>{shown}</code>
    </span>
  );
}

function Place({ id, field, value, onChange }: ControlProps) {
  const [x, y] = Array.isArray(value) ? (value as number[]) : [null, null];
  const set = (at: 0 | 1, typed: string) => {
    const next = [x ?? 0.5, y ?? 0.5];
    next[at] = Math.min(1, Math.max(0, Number(typed)));
    onChange(typed === "" && field.optional ? null : next);
  };
  const picture = useContext(PointedAt);
  return (
    <span className="point">
      {picture && (
        <button
          type="button"
          className="point-pad"
          aria-label={`${field.title}: click the place`}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            if (event.detail === 0) return; // by the keyboard there is no place
            const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
            onChange(at.map((share) => Math.round(1000 * Math.min(1, Math.max(0, share))) / 1000));
          }}
        >
          <img src={picture} alt="" draggable={false} />
          {x !== null && y !== null && x !== undefined && y !== undefined && (
            <i style={{ left: `${x * 100}%`, top: `${y * 100}%` }} />
          )}
        </button>
      )}
      {picture && field.optional && value !== null && (
        <IconButton
          icon="close"
          label={`${field.title}: nowhere in particular`}
          onClick={() => onChange(null)}
        />
      )}
      {([0, 1] as const).map((at) => (
        <input
          key={at}
          id={at === 0 ? id : undefined}
          type="number"
          aria-label={`${field.title}, ${at === 0 ? "from the left" : "from the top"}, 0–1`}
          min={0}
          max={1}
          step={0.01}
          placeholder={at === 0 ? "x" : "y"}
          value={(at === 0 ? x : y) ?? ""}
          onChange={(event) => set(at, event.target.value)}
        />
      ))}
    </span>
  );
}

function Json({ id, value, onChange }: ControlProps) {
  const [text, setText] = useState(() =>
    value === null || value === undefined ? "" : JSON.stringify(value),
  );
  const read = readJson(text);
  return (
    <textarea
      id={id}
      className="json"
      rows={2}
      spellCheck={false}
      placeholder="JSON"
      aria-invalid={read === undefined}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        const next = readJson(event.target.value);
        if (next !== undefined) onChange(next);
      }}
    />
  );
}

export const CONTROLS: Record<Control, ComponentType<ControlProps>> = {
  slider: Slider,
  number: NumberBox,
  choice: Choice,
  select: Select,
  switch: Switch,
  text: Text,
  prompt: Prompt,
  seed: Seed,
  colour: Colour,
  point: Place,
  line: LinePad,
  json: Json,
};
