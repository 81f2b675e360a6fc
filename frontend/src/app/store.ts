// Everything that one tab shows: the workspace, and what is seen and done of it. One store; panels and canvas subscribe.

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Arrival, Places, Presence } from "../field/host";
import { Doc } from "../model/doc";
import type { Id, Job } from "../model/rows";
import type { Engine } from "./actions";
import { START, type Ui } from "./ui";

export interface State {
  ui: Ui;
  /** Grows with every change of the document, whose maps stay the same objects. */
  revision: number;
  workspace: { id: string; name: string; path: string; version: string };
  jobs: ReadonlyMap<Id, Job>;
  /** Whether the queue stands still. */
  paused: boolean;
  engines: readonly Engine[];
  /** Who performs an operation unless somebody says otherwise. */
  chosen: Readonly<Record<string, string>>;
  /** The others. */
  presences: readonly Presence[];
  arrivals: readonly Arrival[];
  lens: Places | null;
  /** How many changes the server has not acknowledged yet. */
  waiting: number;
}

export class Store {
  readonly doc = new Doc();
  readonly state: StoreApi<State> = createStore<State>(() => ({
    ui: START,
    revision: 0,
    workspace: { id: "", name: "", path: "", version: "" },
    jobs: new Map(),
    paused: false,
    engines: [],
    chosen: {},
    presences: [],
    arrivals: [],
    lens: null,
    waiting: 0,
  }));

  constructor() {
    this.doc.subscribe((changed) => {
      const gone = new Set([...changed].filter((id) => !this.doc.find(id)));
      const { ui, revision } = this.state.getState();
      this.state.setState({ revision: revision + 1, ...(gone.size > 0 ? { ui: forget(ui, gone) } : {}) });
    });
  }

  get now(): State {
    return this.state.getState();
  }
  get ui(): Ui {
    return this.now.ui;
  }

  set(values: Partial<State>): void {
    this.state.setState(values);
  }
  setUi(values: Partial<Ui>): void {
    this.state.setState({ ui: { ...this.ui, ...values } });
  }

  subscribe(listener: () => void): () => void {
    return this.state.subscribe(listener);
  }
}

/** What was deleted is not selected, fanned out, played or asked about any more. */
function forget(ui: Ui, gone: ReadonlySet<Id>): Ui {
  const still = (id: Id | null) => (id !== null && gone.has(id) ? null : id);
  const popup = ui.popup && Object.values(ui.popup).some((value) => gone.has(value as Id)) ? null : ui.popup;
  const lost = [...ui.selection].some((id) => gone.has(id));
  return {
    ...ui,
    selection: lost ? new Set([...ui.selection].filter((id) => !gone.has(id))) : ui.selection,
    focus: still(ui.focus),
    tray: still(ui.tray),
    connecting: still(ui.connecting),
    scrub: ui.scrub && gone.has(ui.scrub.edge) ? null : ui.scrub,
    playing: ui.playing?.what === "edge" && gone.has(ui.playing.edge) ? null : ui.playing,
    popup,
  };
}
