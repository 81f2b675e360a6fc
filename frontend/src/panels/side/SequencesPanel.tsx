// The saved paths: play, change, compare and export them.

import { useState } from "react";
import type { Id, Sequence } from "../../model/rows";
import { endsOf } from "../../model/walks";
import { useActions, useDoc, useStudio } from "../context";
import { clock, count } from "../format";
import { Button, EditableText, Empty, IconButton } from "../parts/controls";
import { NodePicture } from "../parts/pictures";
import { timelineOf } from "../timeline";

export function SequencesPanel() {
  const studio = useStudio();
  const actions = useActions();
  const sequences = useDoc((doc) => [...doc.sequences.values()]);
  const [first, setFirst] = useState<Id | null>(null);
  const compare = (id: Id) => {
    if (first === null || first === id) return setFirst(first === id ? null : id);
    studio.setUi({ popup: { kind: "compareSequences", one: first, other: id } });
    setFirst(null);
  };
  return (
    <>
      <Button icon="path" tone="path" onClick={() => actions.enterPathMode()}>
        New path
      </Button>
      {sequences.length === 0 && (
        <Empty icon="film">
          A path through your pictures, saved, is a sequence: it plays, and it exports as a film.
        </Empty>
      )}
      {first && <p className="facts">Choose the sequence to compare it with.</p>}
      <ul className="cards">
        {sequences.map((one) => (
          <SequenceCard key={one.id} sequence={one} comparing={first} onCompare={() => compare(one.id)} />
        ))}
      </ul>
    </>
  );
}

function SequenceCard(props: { sequence: Sequence; comparing: Id | null; onCompare(): void }) {
  const { sequence, comparing, onCompare } = props;
  const studio = useStudio();
  const actions = useActions();
  const length = useDoc((doc) => timelineOf(sequence.steps, doc).total);
  const stops = useDoc((doc) => {
    const ends = sequence.steps.flatMap((step) => endsOf(doc, step) ?? []);
    return ends.filter((id, place) => place === 0 || id !== ends[place - 1]);
  });
  return (
    <li className="card" data-chosen={comparing === sequence.id || undefined}>
      <EditableText
        value={sequence.name}
        label="Name of this sequence"
        placeholder="Name it"
        onCommit={(name) => actions.setFields(sequence.id, { name })}
      />
      <button
        type="button"
        className="stops"
        aria-label={`Play ${sequence.name}`}
        onClick={() => actions.playSequence(sequence.id)}
      >
        {stops.slice(0, 5).map((id, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a path may pass a picture twice
          <span key={place} className="stop">
            <NodePicture id={id} alt="" />
          </span>
        ))}
      </button>
      <p className="facts">
        {clock(length)} · {count(sequence.steps.length, "step")}
      </p>
      <div className="card-do">
        <IconButton icon="play" label="Play" onClick={() => actions.playSequence(sequence.id)} />
        <IconButton icon="edit" label="Edit the path" onClick={() => actions.enterPathMode(sequence.id)} />
        <IconButton icon="copy" label="Duplicate" onClick={() => actions.duplicateSequence(sequence.id)} />
        <IconButton
          icon="compare"
          label={comparing && comparing !== sequence.id ? "Compare with this" : "Compare"}
          pressed={comparing === sequence.id}
          onClick={onCompare}
        />
        <IconButton
          icon="film"
          label="Finish: render finals"
          onClick={() => studio.setUi({ popup: { kind: "finish", sequence: sequence.id } })}
        />
        <IconButton
          icon="download"
          label="Export"
          onClick={() => studio.setUi({ popup: { kind: "export", sequence: sequence.id } })}
        />
        <IconButton icon="trash" label="Delete" tone="bad" onClick={() => actions.remove([sequence.id])} />
      </div>
    </li>
  );
}
