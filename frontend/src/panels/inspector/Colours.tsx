// A handful of colours that stay apart from each other on the dark canvas.

import { useId } from "react";

const COLOURS = [
  ["#8ab4ff", "Blue"],
  ["#7bd88f", "Green"],
  ["#ffb454", "Amber"],
  ["#ff8f7e", "Coral"],
  ["#c9a4ff", "Violet"],
  ["#6fd6d6", "Teal"],
  ["#b4b7c0", "Grey"],
] as const;

export function Colours({ value, onChange }: { value: string; onChange(colour: string): void }) {
  const name = useId();
  return (
    <fieldset className="colours">
      <legend className="unseen">Colour</legend>
      {COLOURS.map(([colour, title]) => (
        <label key={colour} className="colour-choice" title={title}>
          <input
            type="radio"
            name={name}
            aria-label={title}
            checked={colour === value.toLowerCase()}
            onChange={() => onChange(colour)}
          />
          <span className="swatch" style={{ background: colour }} />
        </label>
      ))}
    </fieldset>
  );
}
