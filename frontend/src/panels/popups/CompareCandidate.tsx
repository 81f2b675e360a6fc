// A candidate against the picture it was made from, with a line between them.

import type { Id } from "../../model/rows";
import { useActions, useDoc, useStudio } from "../context";
import { nodeName } from "../naming";
import { Button, IconButton } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { BeforeAfter } from "../parts/pictures";

export function CompareCandidate({ node, candidate }: { node: Id; candidate: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const name = useDoc((doc) => nodeName(doc, node));
  const before = useDoc((doc) => doc.nodes.get(node)?.framed ?? "");
  const row = useDoc((doc) => doc.candidates.get(candidate));
  const after = useDoc((doc) => doc.renderings.get(row?.rendering ?? "")?.pixels ?? "");
  const others = useDoc((doc) => [...doc.candidatesOf(node)]);
  const close = () => studio.setUi({ popup: null });
  const go = (step: number) => {
    const next = others[(others.indexOf(candidate) + step + others.length) % others.length];
    if (next) studio.setUi({ popup: { kind: "compare", node, candidate: next } });
  };
  if (!row) return null;
  return (
    <Dialog
      title={row.label || `Candidate of “${name}”`}
      size="large"
      onClose={close}
      footer={
        <>
          <IconButton
            icon="left"
            label="The one before"
            disabled={others.length < 2}
            onClick={() => go(-1)}
          />
          <IconButton icon="right" label="The next one" disabled={others.length < 2} onClick={() => go(1)} />
          <span className="grow" />
          <Button icon="recipe" onClick={() => studio.setUi({ popup: { kind: "recipe", id: candidate } })}>
            How was this made?
          </Button>
          <Button icon="spread" onClick={() => void actions.more(candidate)}>
            More like this
          </Button>
          <Button
            tone="bad"
            onClick={() => {
              actions.discard([candidate]);
              close();
            }}
          >
            Discard
          </Button>
          <Button
            tone="main"
            icon="check"
            focus
            onClick={() => {
              actions.keep([candidate]);
              close();
            }}
          >
            Keep
          </Button>
        </>
      }
    >
      <BeforeAfter
        before={studio.media.pixels(before, 1280)}
        after={studio.media.pixels(after, 1280)}
        label="How much of the picture before is shown, in percent"
      />
    </Dialog>
  );
}
