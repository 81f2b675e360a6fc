// How long a film that is about to be made lasts.

import { useId } from "react";
import { Labelled } from "../forms/Form";

const LONGEST = 60;

/** Whether an edge or a loop can last so long. */
export function lasting(seconds: number): boolean {
  return seconds > 0 && seconds <= LONGEST;
}

export function Seconds(props: { title?: string; value: number; onChange(value: number): void }) {
  const { title = "Seconds", value, onChange } = props;
  const id = useId();
  return (
    <Labelled id={id} title={title} wrong={lasting(value) ? "" : `from 0.1 to ${LONGEST}`}>
      <input
        id={id}
        type="number"
        min={0.1}
        max={LONGEST}
        step={0.5}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </Labelled>
  );
}
