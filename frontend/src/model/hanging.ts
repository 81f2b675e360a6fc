// Which things hang on which: ids by the id that they name.

import type { Id } from "./rows";

const NONE: ReadonlySet<Id> = new Set();

export class Index {
  private readonly sets = new Map<Id, Set<Id>>();

  of(key: Id): ReadonlySet<Id> {
    return this.sets.get(key) ?? NONE;
  }

  add(key: Id, id: Id): void {
    const set = this.sets.get(key);
    if (set) set.add(id);
    else this.sets.set(key, new Set([id]));
  }

  drop(key: Id, id: Id): void {
    const set = this.sets.get(key);
    set?.delete(id);
    if (set?.size === 0) this.sets.delete(key);
  }

  /** Puts the ids of a key in order, unless they are. */
  sort(key: Id, placeOf: (id: Id) => number): void {
    const ids = [...this.of(key)];
    const places = new Map(ids.map((id) => [id, placeOf(id)]));
    const place = (id: Id | undefined): number => places.get(id ?? "") ?? 0;
    if (ids.every((id, i) => i === 0 || place(ids[i - 1]) <= place(id))) return;
    this.sets.set(key, new Set(ids.sort((a, b) => place(a) - place(b))));
  }

  clear(): void {
    this.sets.clear();
  }
}
