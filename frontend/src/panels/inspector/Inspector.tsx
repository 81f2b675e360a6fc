// What is selected, large, with everything that can be done with it.

import { memo, useDeferredValue } from "react";
import type { Ui } from "../../app/ui";
import type { Id } from "../../model/rows";
import { useDoc, useUi } from "../context";
import { Empty } from "../parts/controls";
import { BoardCard } from "./BoardCard";
import { EdgeCard } from "./EdgeCard";
import { NodeCard } from "./NodeCard";
import { NoteCard } from "./NoteCard";
import { Several } from "./Several";

/** The canvas shows first what was chosen, and this follows. */
export function Inspector() {
  const now = useUi(selected);
  const ids = useDeferredValue(now, NOTHING);
  return ids.length === 0 && now.length > 0 ? null : <Chosen ids={ids} />;
}

const NOTHING: readonly Id[] = [];

const selected = (ui: Ui) => [...ui.selection];

const Chosen = memo(function Chosen({ ids }: { ids: readonly Id[] }) {
  const only = ids.length === 1 ? (ids[0] ?? "") : "";
  const table = useDoc((doc) => doc.find(only)?.table ?? null);
  if (ids.length > 1) return <Several ids={ids} />;
  switch (table) {
    case "nodes":
      return <NodeCard key={only} id={only} />;
    case "edges":
      return <EdgeCard key={only} id={only} />;
    case "boards":
      return <BoardCard key={only} id={only} />;
    case "notes":
      return <NoteCard key={only} id={only} />;
    default:
      return (
        <Empty icon="inspector">Select a picture, or the thread between two, to see how it was made.</Empty>
      );
  }
});
