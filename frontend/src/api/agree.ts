// The rows as the app writes them are the rows that the server describes: this file compiles only if they are.

import type * as rows from "../model/rows";
import type { components } from "./schema";

type Described = components["schemas"];
/** Compiles only if each of two types fits the other. */
type Agree<A extends B, B extends C, C = A> = [A, B, C];

export type Rows = [
  Agree<rows.Settings, Described["SettingsJson"]>,
  Agree<rows.Node, Described["NodeJson"]>,
  Agree<rows.Edge, Described["EdgeJson"]>,
  Agree<rows.Rendering, Described["RenderingJson"]>,
  Agree<rows.Take, Described["TakeJson"]>,
  Agree<rows.Board, Described["BoardJson"]>,
  Agree<rows.Sequence, Described["SequenceJson"]>,
  Agree<rows.Candidate, Described["CandidateJson"]>,
  Agree<rows.Note, Described["NoteJson"]>,
  Agree<rows.Job, Described["JobJson"]>,
];
