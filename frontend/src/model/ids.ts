// Ids: a letter that says the kind, then ten random Crockford base-32 characters, made by whoever creates the thing.

import type { Id } from "./rows";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 10;

/** n node, e edge, t take, b board, c candidate, x note, s sequence, o change. */
export type Letter = "n" | "e" | "t" | "b" | "c" | "x" | "s" | "o";

export function newId(letter: Letter): Id {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  return letter + Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
