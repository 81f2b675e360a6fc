// The few controls that all panels share.

import { type ReactNode, useId, useState } from "react";
import { percent } from "../format";
import { Icon, type IconName } from "../icons";

export function IconButton(props: {
  icon: IconName;
  label: string;
  onClick(): void;
  pressed?: boolean;
  disabled?: boolean;
  keys?: string;
  tone?: "plain" | "bad" | "path";
}) {
  const { icon, label, onClick, pressed, disabled = false, keys, tone = "plain" } = props;
  return (
    <button
      type="button"
      className={`icon-button tone-${tone}`}
      aria-label={label}
      title={keys ? `${label}  ${keys}` : label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

export function Button(props: {
  children: ReactNode;
  onClick(): void;
  icon?: IconName;
  tone?: "plain" | "main" | "bad" | "quiet" | "path";
  disabled?: boolean;
  title?: string;
  focus?: boolean;
}) {
  const { children, onClick, icon, tone = "plain", disabled = false, title, focus } = props;
  return (
    <button
      type="button"
      className={`button tone-${tone}`}
      disabled={disabled}
      title={title}
      data-autofocus={focus || undefined}
      onClick={onClick}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export function Progress({ share, label }: { share: number; label: string }) {
  return <progress className="progress" max={1} value={share} aria-label={label} title={percent(share)} />;
}

/** One to five stars; choosing the same again takes them away. */
export function Stars({ value, onChange }: { value: number; onChange(stars: number): void }) {
  return (
    <fieldset className="stars">
      <legend className="unseen">Stars</legend>
      {[1, 2, 3, 4, 5].map((star) => (
        <button
          key={star}
          type="button"
          className="star"
          aria-label={star === 1 ? "1 star" : `${star} stars`}
          aria-pressed={value === star}
          data-lit={star <= value || undefined}
          onClick={() => onChange(value === star ? 0 : star)}
        >
          <Icon name="star" filled={star <= value} />
        </button>
      ))}
    </fieldset>
  );
}

/** A choice of few, all in sight. */
export function Segmented<T extends string>(props: {
  label: string;
  options: readonly { value: T; title: string; icon?: IconName }[];
  value: T;
  onChange(value: T): void;
  iconsOnly?: boolean;
}) {
  const { label, options, value, onChange, iconsOnly = false } = props;
  const name = useId();
  return (
    <fieldset className="segmented">
      <legend className="unseen">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="segment" title={option.title}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.icon && <Icon name={option.icon} />}
          <span className={iconsOnly ? "unseen" : undefined}>{option.title}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Text that is a heading until somebody writes in it. Enter keeps, Escape takes back, unless it keeps too. */
export function EditableText(props: {
  value: string;
  label: string;
  placeholder: string;
  onCommit(text: string): void;
  long?: boolean;
  escKeeps?: boolean;
}) {
  const { value, label, placeholder, onCommit, long = false, escKeeps = false } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const shared = {
    className: long ? "editable editable-long" : "editable",
    "aria-label": label,
    placeholder,
    value: draft ?? value,
    onBlur: () => {
      if (draft !== null && draft !== value) onCommit(draft);
      setDraft(null);
    },
  };
  const keep = (event: React.KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    if (event.key === "Escape" && !escKeeps) {
      event.preventDefault();
      event.currentTarget.value = value;
      setDraft(null);
      requestAnimationFrame(() => (document.activeElement as HTMLElement | null)?.blur());
    }
    if (event.key === "Enter" && (!long || event.ctrlKey || event.metaKey)) event.currentTarget.blur();
  };
  return long ? (
    <textarea {...shared} rows={6} onChange={(event) => setDraft(event.target.value)} onKeyDown={keep} />
  ) : (
    <input {...shared} type="text" onChange={(event) => setDraft(event.target.value)} onKeyDown={keep} />
  );
}

export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <header className="section-head">
        <h3 id={id}>{title}</h3>
        {aside}
      </header>
      {children}
    </section>
  );
}

export function Empty({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <p>{children}</p>
    </div>
  );
}
