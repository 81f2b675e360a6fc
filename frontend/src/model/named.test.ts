/** People know things by their names, never by their ids. */

import { expect, it } from "vitest";
import { withNames } from "./named";
import { docOf, edge, node } from "./samples";

const doc = docOf({
  nodes: [node("n0000000001", 0, 0, { label: "cat" }), node("n0000000002")],
  edges: [edge("e42ebwfsgpv", "n0000000001", "n0000000002")],
});

it.each([
  ["edge e42ebwfsgpv shows a video", "“cat to a picture” shows a video"],
  ["node n0000000001 was deleted", "“cat” was deleted"],
  ["there is no e42ebwfsgpq", "there is no edge"],
  ["everything else stays", "everything else stays"],
])("%s", (before, after) => {
  expect(withNames(doc, before)).toBe(after);
});
