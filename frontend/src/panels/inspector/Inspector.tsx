// What is selected, large, with everything that can be done with it.

import { useDoc, useUi } from "../context";
import { Empty } from "../parts/controls";
import { BoardCard } from "./BoardCard";
import { EdgeCard } from "./EdgeCard";
import { NodeCard } from "./NodeCard";
import { NoteCard } from "./NoteCard";
import { Several } from "./Several";

export function Inspector() {
  const ids = useUi((ui) => [...ui.selection]);
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
}
