// The takes of an edge as a small stack: which one is shown, which one is final, and two side by side.

import { useState } from "react";
import { takesOf } from "../../model/derive";
import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { Icon } from "../icons";
import { Button, Section } from "../parts/controls";
import { EdgeCanvas } from "../parts/pictures";

export function Takes({ edge }: { edge: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const active = useDoc((doc) => doc.edges.get(edge)?.active ?? null);
  const takes = useDoc((doc) => takesOf(doc, edge));
  const [t, setT] = useState(0.5);
  if (takes.length === 0) return null;
  return (
    <Section
      title={takes.length === 1 ? "1 take" : `${takes.length} takes`}
      aside={
        takes.length > 1 && (
          <Button
            tone="quiet"
            icon="compare"
            onClick={() => studio.setUi({ popup: { kind: "takes", edge } })}
          >
            Compare
          </Button>
        )
      }
    >
      <ul
        className="takes"
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setT(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
        }}
        onPointerLeave={() => setT(0.5)}
      >
        {takes.map((take, place) => (
          <li key={take.id}>
            <button
              type="button"
              className="take"
              aria-pressed={take.id === active}
              disabled={take.failure !== ""}
              title={take.failure || (take.id === active ? "Shown" : "Show this take")}
              onClick={() => actions.showTake(edge, take.id)}
            >
              {take.failure ? (
                <span className="picture picture-missing">
                  <Icon name="warning" />
                </span>
              ) : (
                <EdgeCanvas edge={edge} take={take.id} t={t} width={192} label={`Take ${place + 1}`} />
              )}
              <span className="take-foot">
                <span>Take {place + 1}</span>
                <span className={`badge badge-${take.tier}`}>{take.failure ? "failed" : take.tier}</span>
                {take.id === active && <Icon name="pin" />}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
