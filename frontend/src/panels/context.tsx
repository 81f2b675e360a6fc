// What every panel can reach: the studio, and hooks that draw a panel again only when what it shows has changed.

import { createContext, type ReactNode, useCallback, useContext, useRef, useSyncExternalStore } from "react";
import type { Actions } from "../app/actions";
import type { MakingActions } from "../app/making";
import type { Ui } from "../app/ui";
import type { Arrival, Media, Presence } from "../field/host";
import type { Doc } from "../model/doc";
import type { Id, Job } from "../model/rows";

/** One thing that keys, menus and buttons do, with whether it can be done just now. */
export interface PanelCommand {
  id: string;
  title: string;
  /** Such as "Mod+Z" or "Shift+1". */
  keys: readonly string[];
  group: string;
  ready: boolean;
  run(): void;
}

export type PanelActions = Actions & Pick<MakingActions, "engineFor" | "drafterFor" | "chooseEngine">;

/** The app as panels see it. */
export interface Studio {
  readonly name: string;
  readonly doc: Doc;
  /** Grows with every change of the document. */
  revision(): number;
  readonly media: Media;
  readonly actions: PanelActions;
  ui(): Ui;
  setUi(values: Partial<Ui>): void;
  jobs(): ReadonlyMap<Id, Job>;
  paused(): boolean;
  presences(): readonly Presence[];
  arrivals(): readonly Arrival[];
  commands(): readonly PanelCommand[];
  /** Where a finished film can be had. */
  film(job: Id): string;
  /** The picture that a running job shows of itself. */
  jobPreview(job: Id): string;
  /** Calls back after every change of the workspace, the jobs, the people or the ui. */
  subscribe(listener: () => void): () => void;
  dismiss(toast: number): void;
  /** What others call whoever sits here; "" for nothing yet. */
  ownName(): string;
  setOwnName(name: string): void;
  holdToast(toast: number, held: boolean): void;
}

const Context = createContext<Studio | null>(null);

export function StudioProvider({ studio, children }: { studio: Studio; children: ReactNode }) {
  return <Context value={studio}>{children}</Context>;
}

export function useStudio(): Studio {
  const studio = useContext(Context);
  if (!studio) throw new Error("a panel stands outside of its StudioProvider");
  return studio;
}

export function useActions(): PanelActions {
  return useStudio().actions;
}

/**
 * What `read` finds; the panel is drawn again when that differs, lists and records compared item by item.
 *
 * The pointer, the clock and other people tell the store many times a second: as long as `version` stays the same,
 * nothing is read again.
 */
export function useRead<T>(read: (studio: Studio) => T, version: (studio: Studio) => unknown = always): T {
  const studio = useStudio();
  const last = useRef<{ value: T; read: typeof read; version: unknown } | null>(null);
  return useSyncExternalStore(studio.subscribe, () => {
    const known = last.current;
    const now = version(studio);
    if (known && known.read === read && known.version === now) return known.value;
    const found = read(studio);
    const value = known && alike(known.value, found) ? known.value : found;
    last.current = { value, read, version: now };
    return value;
  });
}

export function useUi<T>(select: (ui: Ui) => T): T {
  const read = useCallback((studio: Studio) => select(studio.ui()), [select]);
  return useRead(read, uiOf);
}

/** Select rows or lists of rows: the maps themselves are the same objects for ever. */
export function useDoc<T>(select: (doc: Doc) => T): T {
  const read = useCallback((studio: Studio) => select(studio.doc), [select]);
  return useRead(read, revisionOf);
}

export function useJobs<T>(select: (jobs: readonly Job[]) => T): T {
  const read = useCallback((studio: Studio) => select([...studio.jobs().values()]), [select]);
  return useRead(read, jobsOf);
}

/** Never the same twice. */
const always = () => ({});
const uiOf = (studio: Studio) => studio.ui();
const revisionOf = (studio: Studio) => studio.revision();
const jobsOf = (studio: Studio) => studio.jobs();

export function alike(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (Array.isArray(one) !== Array.isArray(other) || one instanceof Map || one instanceof Set) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.is(one[key as keyof typeof one], other[key as keyof typeof other]));
}
