// Steps over an edge that was cut, and over one that is whole again: see src/forkframe/model/branching.py.

import type { Doc } from "./doc";
import type { Id, Node, Step } from "./rows";

type Cut = NonNullable<Node["cut"]>;

/** A path over the two halves of a cut edge walks the uncut edge instead. */
export function healedSteps<S extends Step>(doc: Doc, steps: readonly S[], cut: Cut): S[] {
  const out: S[] = [];
  for (let i = 0; i < steps.length; i++) {
    const [step, next] = [steps[i] as S, steps[i + 1]];
    const [first, second] = step.reverse ? [cut.halves[1], cut.halves[0]] : cut.halves;
    if (step.edge === first && next?.edge === second && next.reverse === step.reverse) {
      out.push({ ...step, edge: cut.edge, take: wholeTake(doc, cut, step.take), hold: next.hold });
      i++;
    } else out.push(step);
  }
  return out;
}

/** A path over an uncut edge walks its two halves instead. */
export function cutSteps<S extends Step>(steps: readonly S[], cut: Cut): S[] {
  return steps.flatMap((step) => {
    if (step.edge !== cut.edge) return [step];
    const [first, second] = step.reverse ? [cut.halves[1], cut.halves[0]] : cut.halves;
    return [
      { ...step, edge: first, take: null, hold: 0 },
      { ...step, edge: second, take: null },
    ];
  });
}

function wholeTake(doc: Doc, cut: Cut, half: Id | null): Id | null {
  const rendering = half && doc.takes.get(half)?.rendering;
  if (!rendering) return null;
  return [...doc.takesOf(cut.edge)].find((take) => doc.takes.get(take)?.rendering === rendering) ?? null;
}
