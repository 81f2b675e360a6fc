// A joint that is not clear yet: several threads would do, or none.

import { useState } from "react";
import type { OpenJoint } from "../../app/ui";
import type { Id } from "../../model/rows";
import { useActions, useDoc } from "../context";
import { seconds as inSeconds } from "../format";
import { edgeName, nodeName } from "../naming";
import { Button } from "../parts/controls";
import { EdgeCanvas } from "../parts/pictures";
import { usePlayback } from "../parts/usePlayback";

export function OpenJointCard({ joint }: { joint: OpenJoint }) {
  const actions = useActions();
  const names = useDoc((doc) => [nodeName(doc, joint.source), nodeName(doc, joint.target)]);
  return (
    <li className="joint" aria-label={`From ${names.join(" to ")}`}>
      <p>
        {joint.edges.length > 0 ? "Which way to" : "No thread leads to"} <strong>{names[1]}</strong>
        {joint.edges.length > 0 ? "?" : " yet."}
      </p>
      {joint.edges.length > 0 ? (
        <div className="joint-ways">
          {joint.edges.map((edge) => (
            <Way key={edge} edge={edge} />
          ))}
        </div>
      ) : (
        <Button tone="path" icon="connect" onClick={() => actions.connect(joint.source, joint.target)}>
          Connect now
        </Button>
      )}
    </li>
  );
}

/** One thread that would do: it plays while the pointer or the focus rests on it. */
function Way({ edge }: { edge: Id }) {
  const actions = useActions();
  const name = useDoc((doc) => {
    const row = doc.edges.get(edge);
    return row ? edgeName(doc, row) : "";
  });
  const [over, setOver] = useState(false);
  return (
    <button
      type="button"
      className="way"
      title={name}
      aria-label={`Take ${name}`}
      onPointerEnter={() => setOver(true)}
      onPointerLeave={() => setOver(false)}
      onFocus={() => setOver(true)}
      onBlur={() => setOver(false)}
      onClick={() => actions.chooseJoint(edge)}
    >
      {over ? <Moving edge={edge} /> : <EdgeCanvas edge={edge} t={0.5} width={192} label={name} />}
    </button>
  );
}

function Moving({ edge }: { edge: Id }) {
  const playback = usePlayback(2, true, true);
  return <EdgeCanvas edge={edge} t={playback.time / 2} width={192} label={`Playing, ${inSeconds(2)}`} />;
}
