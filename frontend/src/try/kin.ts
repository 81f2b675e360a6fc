// Which of the fields that lie ready fits two pictures. A picture cut out of an edge is kin to the ends of that edge.

import type { Hash } from "../model/rows";

/** How much of each photograph is in a picture: shares that add up to 1. */
export type Kin = ReadonlyMap<Hash, number>;

export function itself(photograph: Hash): Kin {
  return new Map([[photograph, 1]]);
}

/** Of the moment `t` between two pictures. */
export function between(first: Kin, last: Kin, t: number): Kin {
  const kin = new Map<Hash, number>();
  for (const [name, share] of first) kin.set(name, share * (1 - t));
  for (const [name, share] of last) kin.set(name, (kin.get(name) ?? 0) + share * t);
  return kin;
}

/** The photographs whose field comes nearest to the transition between two pictures; never twice the same one. */
export function nearestPair(first: Kin, last: Kin): [first: Hash, last: Hash] | null {
  let best: [Hash, Hash] | null = null;
  let most = 0;
  for (const [a, shareA] of first) {
    for (const [b, shareB] of last) {
      if (a !== b && shareA * shareB > most) [best, most] = [[a, b], shareA * shareB];
    }
  }
  return best;
}

/** The two photographs that most of a picture comes from, the greater share first. */
export function strongest(kin: Kin): Hash[] {
  return [...kin]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 2)
    .map(([name]) => name);
}
