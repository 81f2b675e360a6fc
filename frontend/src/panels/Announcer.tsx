// What happens on the canvas, in words, for those who don't see it.

import { useRead } from "./context";
import { count } from "./format";
import { nameOf } from "./naming";

export function Announcer() {
  const words = useRead(({ ui, doc }) => {
    const { selection, focus, mode, lens } = ui();
    const parts: string[] = [];
    if (focus) parts.push(nameOf(doc, focus));
    if (selection.size === 1 && !selection.has(focus ?? ""))
      parts.push(`${nameOf(doc, [...selection][0] ?? "")} selected`);
    else if (selection.size === 1) parts.push("selected");
    else if (selection.size > 1) parts.push(`${count(selection.size, "thing")} selected`);
    if (mode === "path") parts.push("path mode");
    if (lens) parts.push(`map by ${lens}`);
    return parts.join(", ");
  });
  return (
    <p className="unseen" aria-live="polite" data-announcer>
      {words}
    </p>
  );
}
