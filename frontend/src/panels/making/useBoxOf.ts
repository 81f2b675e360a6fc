// Where a thing is on screen when a window opens beside it. It stays there: a window that follows the canvas is hard to hit.

import { useState } from "react";
import type { Id } from "../../model/rows";
import { useActions } from "../context";
import type { Box } from "../parts/Dialog";

export function useBoxOf(id: Id): Box | null {
  const actions = useActions();
  const [box] = useState(() => actions.view()?.boxOf(id) ?? null);
  return box;
}
