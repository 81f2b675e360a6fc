// The studio's brain: the workspace, what can be done with it, and the line to the server, put together.

import { Client, mediaUrls, Refused } from "../api/client";
import { Live, type News } from "../api/live";
import type { Arrival, Media, Presence, View } from "../field/host";
import { type Doc, emptyRows, type Rows } from "../model/doc";
import type { Id, Job, Row } from "../model/rows";
import { TABLES } from "../model/rows";
import { pathStart } from "../model/walks";
import type { Actions } from "./actions";
import { comeAlive } from "./alive";
import { Changes } from "./changes";
import { COMMANDS, type Command, isReady } from "./commands";
import type { Core } from "./core";
import { edgeActions } from "./edges";
import { engineActions } from "./engines";
import { type Hands, handsOn } from "./hands";
import { historyActions } from "./history";
import { jobActions } from "./jobs";
import { listen } from "./keyboard";
import { lookingActions } from "./looking";
import { chosenEngines, type MakingActions, makingActions } from "./making";
import { called, ownActor, ownName, setOwnName } from "./own";
import { type PathActions, pathActions } from "./paths";
import { pictureActions } from "./pictures";
import { type PlayerActions, playerActions } from "./player";
import { Store } from "./store";
import { thingActions } from "./things";
import { Toasts } from "./toasts";
import type { Ui } from "./ui";
import { weatherActions } from "./weathers";

/** Set once something was connected in this browser. */
const HINTED = "forkframe.hinted";

/** What keys and menus can do besides what panels do. */
export type Deeds = Actions &
  Pick<MakingActions, "engineFor" | "drafterFor" | "chooseEngine" | "spreadFrom"> &
  Pick<PlayerActions, "playEdge"> &
  Pick<PathActions, "takeBack" | "doAgain">;

export interface ReadyCommand extends Pick<Command, "id" | "title" | "keys" | "group"> {
  ready: boolean;
  run(): void;
}

/** What panels, canvas and keys share. It is a `Studio` as panels/context.tsx wants one. */
export interface App {
  readonly doc: Doc;
  readonly store: Store;
  readonly media: Media;
  readonly actions: Deeds;
  /** For the canvas: `app.attach(new Canvas(element, app.host))`. */
  readonly host: Hands;
  readonly name: string;
  ui(): Ui;
  setUi(values: Partial<Ui>): void;
  view(): View | null;
  attach(view: View): void;
  jobs(): ReadonlyMap<Id, Job>;
  /** Whether the queue stands still. */
  paused(): boolean;
  presences(): readonly Presence[];
  arrivals(): readonly Arrival[];
  /** All that keys can do; `ready` says whether it can be done just now. */
  commands(): readonly ReadyCommand[];
  subscribe(listener: () => void): () => void;
  film(job: Id): string;
  jobPreview(job: Id): string;
  dismiss(toast: number): void;
  ownName(): string;
  setOwnName(name: string): void;
  /** While somebody reads it, it stays. */
  holdToast(toast: number, held: boolean): void;
  dispose(): void;
}

/** Fetches the workspace and connects. Throws what the server says if it lets nobody in. */
export async function createApp(): Promise<App> {
  const name = ownActor();
  const client = new Client(name);
  const store = new Store();
  const toasts = new Toasts(store);
  const { doc } = store;
  let view: View | null = null;

  const first = await client.workspace();
  doc.reset(rowsOf(first.tables), first.seq);
  const { id, path, version } = first;
  store.set({ workspace: { id, name: first.name, path, version }, chosen: chosenEngines() });
  store.setUi({
    reducedMotion: matchMedia("(prefers-reduced-motion: reduce)").matches,
    hint: localStorage.getItem(HINTED) === null,
  });

  const changes = new Changes(store, toasts, client, sessionStorage);
  const live = new Live(name, { since: () => doc.seq, news, connected });
  const core: Core = { store, doc, client, changes, toasts, live, view: () => view };
  const jobs = jobActions(core);
  jobs.all(first.jobs, first.paused);

  const history = historyActions(core);
  const engines = engineActions(core);
  const pictures = pictureActions(core, engines.teach);
  const making = makingActions(
    core,
    jobs,
    pictures.arrivals,
    (source, target) => actions.connect(source, target),
    (sequence) => {
      actions.playSequence(sequence);
      const { playing } = store.ui;
      if (playing?.what === "path" && !playing.loop) actions.toggleLoop();
    },
  );
  const weathers = weatherActions(core, making, jobs, (sequence) => actions.playSequence(sequence));
  const edges = edgeActions(core, making, jobs, pictures.arrivals);
  const paths = pathActions(core);
  const player = playerActions(core, () => {
    const start = store.ui.path && pathStart(doc, store.ui.path);
    if (start) paths.step({ kind: "node", id: start });
  });

  const actions: Deeds = {
    ...lookingActions(core),
    ...thingActions(core, history.undo),
    ...history,
    ...jobs,
    ...making,
    ...weathers,
    ...pictures,
    ...edges,
    ...paths,
    ...player,
    view: () => view,
    ...engines,
    connect(source, target) {
      const edge = edges.connect(source, target);
      if (!edge) return;
      localStorage.setItem(HINTED, "yes");
      paths.connected(edge);
    },
  };
  const host = handsOn(core, actions, making);

  // While everything is fetched anew, what is told meanwhile waits for it.
  let held: Extract<News, { type: "delta" }>[] | null = null;

  function news(one: News): void {
    switch (one.type) {
      case "hello":
        if (one.reset) void refetch();
        break;
      case "delta":
        if (held) held.push(one);
        else take(one);
        break;
      case "presence":
        store.set({ presences: called(one.clients) });
        break;
      default:
        jobs.heard(one);
    }
  }

  function take({ seq, op, actor, change, edits }: Extract<News, { type: "delta" }>): void {
    if (actor === name && seq > doc.seq) changes.strides.heard(op, change);
    doc.confirm(seq, op, edits);
  }

  async function refetch(): Promise<void> {
    held = [];
    const workspace = await client.workspace().catch(() => null);
    const waited = held;
    held = null;
    if (!workspace) return; // the line is lost too: the next greeting asks again
    if (workspace.id !== id) {
      location.reload();
      return;
    }
    doc.reset(rowsOf(workspace.tables), workspace.seq);
    jobs.all(workspace.jobs, workspace.paused);
    for (const delta of waited) take(delta);
  }

  let greeted = false;
  function connected(on: boolean, failures: number): void {
    if (on) {
      store.setUi({ connected: "live" });
      toasts.back();
      changes.resume();
      if (greeted) void client.jobs().then((queue) => jobs.all(queue.jobs, queue.paused), ignore);
      greeted = true;
      return;
    }
    store.setUi({ connected: store.ui.connected === "gone" ? "gone" : "waiting" });
    store.set({ presences: [] });
    // A socket does not say why it was refused; a request does.
    if (failures % 3 === 0) void client.jobs().catch(turnedAway);
  }

  function turnedAway(error: unknown): void {
    if (error instanceof Refused && error.status === 401) store.setUi({ connected: "gone" });
  }

  const hush = matchMedia("(prefers-reduced-motion: reduce)");
  const onMotion = () => store.setUi({ reducedMotion: hush.matches });
  hush.addEventListener("change", onMotion);
  void client.engines().then((engines) => store.set({ engines }), ignore);
  live.start();

  let still = ignore;

  const app: App = {
    doc,
    store,
    media: host.media,
    actions,
    host,
    name: first.name,
    ui: () => store.ui,
    setUi: (values) => store.setUi(values),
    view: () => view,
    attach(to) {
      view = to;
      still = comeAlive(store, to);
    },
    jobs: host.jobs,
    paused: () => store.now.paused,
    presences: host.presences,
    arrivals: host.arrivals,
    commands: () =>
      COMMANDS.map((command) => ({
        id: command.id,
        title: command.title,
        keys: command.keys,
        group: command.group,
        ready: isReady(app, command),
        run: () => void command.run(app),
      })),
    subscribe: (listener) => store.subscribe(listener),
    film: mediaUrls.film,
    jobPreview: mediaUrls.jobPreview,
    dismiss: (key) => toasts.dismiss(key),
    ownName,
    setOwnName,
    holdToast: (key, held) => toasts.hold(key, held),
    dispose() {
      deaf();
      still();
      hush.removeEventListener("change", onMotion);
      player.stop();
      changes.stop();
      live.stop();
      view?.dispose();
    },
  };
  const deaf = listen(app);
  return app;
}

function rowsOf(tables: { [T in (typeof TABLES)[number]]: Row[] }): Rows {
  const rows = emptyRows();
  for (const table of TABLES) {
    const map = rows[table] as Map<Id, Row>;
    for (const row of tables[table]) map.set(row.id, row);
  }
  return rows;
}

/** It is asked for again when it is needed: nothing to tell. */
function ignore(): void {}
