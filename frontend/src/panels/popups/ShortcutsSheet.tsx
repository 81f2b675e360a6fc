// Every key there is, from the same table that the keys themselves come from.

import { type PanelCommand, useStudio } from "../context";
import { keyCap } from "../format";
import { Dialog } from "../parts/Dialog";

/** Commands that differ only in a direction or a number are one line: by the start of their ids. */
const FAMILIES: readonly { ids: string; title: string; keys: string }[] = [
  { ids: "walk.", title: "Go to the neighbour", keys: "Arrows" },
  { ids: "extend.", title: "Select the neighbour too", keys: "Shift+Arrows" },
  { ids: "nudge.fine.", title: "Nudge a little", keys: "Alt+Shift+Arrows" },
  { ids: "nudge.", title: "Nudge", keys: "Alt+Arrows" },
  { ids: "rate.", title: "Stars, or none", keys: "Shift+0 – 5" },
];
/** What nobody has to be told. */
const PLAIN = new Set(["shortcuts.close", "leave.popup", "previous"]);

export function ShortcutsSheet() {
  const studio = useStudio();
  const lines = linesOf(studio.commands());
  const groups = [...new Set(lines.map((one) => one.group))];
  return (
    <Dialog title="Keyboard shortcuts" size="large" reading onClose={() => studio.setUi({ popup: null })}>
      <div className="shortcuts">
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {lines
                .filter((one) => one.group === group)
                .map((one) => (
                  <div key={one.id}>
                    <dt>{one.title}</dt>
                    <dd>
                      {one.keys.map((keys, place) => (
                        <span key={keys}>
                          {place > 0 && " or "}
                          {keyCap(keys).map((cap) => (
                            <kbd key={cap}>{cap}</kbd>
                          ))}
                        </span>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

type Line = Pick<PanelCommand, "id" | "title" | "keys" | "group">;

function linesOf(commands: readonly PanelCommand[]): Line[] {
  const told = new Set<string>();
  return commands.flatMap((one): Line[] => {
    if (one.keys.length === 0 || PLAIN.has(one.id)) return [];
    const family = FAMILIES.find(({ ids }) => one.id.startsWith(ids));
    if (!family) return [one];
    if (told.has(family.ids)) return [];
    told.add(family.ids);
    return [{ id: family.ids, title: family.title, keys: [family.keys], group: one.group }];
  });
}
