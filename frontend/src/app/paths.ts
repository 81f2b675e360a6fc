// Path mode: clicks make a path, step by step; the path is a draft until it is saved as a sequence.

import { newId } from "../model/ids";
import type { Id, Step } from "../model/rows";
import { EMPTY_PATH, isClosed, isContinuous, jointFilled, mended, walkedOn, without } from "../model/walks";
import type { Actions } from "./actions";
import type { Core } from "./core";
import { freeName } from "./things";
import type { DraftStep, PathDraft } from "./ui";

const SLOWEST = 0.1;
const FASTEST = 10;
const LONGEST_HOLD = 240 * 60;

export interface PathActions
  extends Pick<
    Actions,
    | "enterPathMode"
    | "leavePathMode"
    | "step"
    | "chooseJoint"
    | "acceptProposed"
    | "setStep"
    | "removeStep"
    | "savePath"
    | "duplicateSequence"
  > {
  /** An edge was made: if the path waited for it, it goes on over it. */
  connected(edge: Id): void;
  /** Takes back or does again the last change of the draft; false if there is none. */
  takeBack(): boolean;
  doAgain(): boolean;
}

export function pathActions(core: Core): PathActions {
  const { store, doc, changes, toasts } = core;
  let past: PathDraft[] = [];
  let future: PathDraft[] = [];
  /** Whether there are steps that no sequence holds. */
  let unsaved = false;

  /** The film that plays follows the draft. */
  function put(path: PathDraft): void {
    const { playing } = store.ui;
    const follows = playing?.what === "path" ? { playing: { ...playing, steps: path.steps } } : {};
    store.setUi({ path, ...(path.steps.length > 0 ? follows : { playing: null }) });
  }

  function change(to: (path: PathDraft) => PathDraft): void {
    const { path } = store.ui;
    if (!path) return;
    const next = to(path);
    if (next === path) return;
    past.push(path);
    future = [];
    unsaved = true;
    put(next);
  }

  function enter(path: PathDraft): void {
    past = [];
    future = [];
    unsaved = false;
    store.setUi({ mode: "path", path, playing: null, scrub: null, connecting: null, popup: null });
  }

  // What the draft walks over can be cut or deleted under it.
  doc.subscribe(() => {
    const { path } = store.ui;
    const next = path && mended(doc, path);
    if (next && next !== path) put(next);
  });

  function move(from: PathDraft[], to: PathDraft[]): boolean {
    const { path } = store.ui;
    const next = path && from.pop();
    if (!next) return false;
    to.push(path);
    put(mended(doc, next));
    return true;
  }

  function nameTaken(name: string, but: Id | null): boolean {
    return [...doc.sequences.values()].some((row) => row.name === name && row.id !== but);
  }

  return {
    enterPathMode(sequence) {
      const row = sequence ? doc.sequences.get(sequence) : undefined;
      if (row) {
        const steps = row.steps.filter((step) => doc.edges.has(step.edge));
        enter({
          ...EMPTY_PATH,
          sequence: row.id,
          name: row.name,
          steps: steps.map(drafted),
          loop: isClosed(doc, steps),
        });
        return;
      }
      const [only] = store.ui.selection.size === 1 ? store.ui.selection : [];
      const start = only && doc.nodes.has(only) ? only : null;
      enter({ ...EMPTY_PATH, name: freeName("Path", names(doc.sequences.values())), start });
    },

    leavePathMode() {
      const { path } = store.ui;
      store.setUi({ mode: "wander", path: null, playing: null });
      if (!path || path.steps.length === 0 || !unsaved) return;
      const back = () => {
        enter(mended(doc, path));
        unsaved = true;
      };
      toasts.say("plain", "The path was not saved", { action: { title: "Back to it", run: back } });
    },

    step(target) {
      change((path) => walkedOn(doc, path, target));
    },
    chooseJoint(edge) {
      change((path) => jointFilled(doc, path, edge));
    },
    connected(edge) {
      if (store.ui.path?.joint?.edges.length === 0) change((path) => jointFilled(doc, path, edge));
    },
    acceptProposed() {
      change((path) => ({ ...path, steps: path.steps.map(drafted) }));
    },

    setStep(index, values) {
      change((path) => {
        const step = path.steps[index];
        if (!step) return path;
        const steps = path.steps.with(index, { ...step, ...within(values), proposed: false });
        return isContinuous(doc, steps) ? { ...path, steps } : path;
      });
    },

    removeStep(index) {
      const { path } = store.ui;
      if (!path?.steps[index]) return;
      const next = without(doc, path, index);
      if (next) change(() => next);
      else {
        toasts.say("plain", "The path would have a gap there", {
          hint: "connect the pictures on both sides, or remove the steps after it first",
        });
      }
    },

    async savePath(name) {
      const { path } = store.ui;
      if (!path || path.steps.length === 0) return;
      const called = name.trim() || freeName("Path", names(doc.sequences.values()));
      if (nameTaken(called, path.sequence)) {
        toasts.say("bad", `There is a sequence “${called}” already`, { hint: "choose another name" });
        return;
      }
      const steps = path.steps.map(plain);
      const known = path.sequence !== null && doc.sequences.has(path.sequence);
      const id = known && path.sequence ? path.sequence : newId("s");
      changes.make(
        known
          ? { type: "SetFields", id, values: { name: called, steps } }
          : { type: "AddSequence", sequence: { id, name: called, steps } },
      );
      unsaved = false;
      put({ ...path, sequence: id, name: called, joint: null, steps: path.steps.map(drafted) });
      await changes.settled();
      if (doc.sequences.has(id)) toasts.say("good", `Saved “${called}”`);
    },

    duplicateSequence(sequence) {
      const row = doc.sequences.get(sequence);
      if (!row) return;
      let name = `${row.name} copy`;
      for (let number = 2; nameTaken(name, null); number++) name = `${row.name} copy ${number}`;
      changes.make({ type: "AddSequence", sequence: { id: newId("s"), name, steps: row.steps } });
    },

    takeBack: () => move(past, future),
    doAgain: () => move(future, past),
  };
}

function names(rows: Iterable<{ name: string }>): Set<string> {
  return new Set(Array.from(rows, (row) => row.name));
}

function drafted(step: Step): DraftStep {
  return { ...step, proposed: false };
}

/** As it is saved. */
function plain({ edge, reverse, take, speed, hold }: Step): Step {
  return { edge, reverse, take, speed, hold };
}

/** Speeds and holds that a step can have. */
function within(values: Partial<Step>): Partial<Step> {
  const { speed, hold, ...rest } = values;
  return {
    ...rest,
    ...(speed === undefined ? {} : { speed: Math.min(FASTEST, Math.max(SLOWEST, speed)) }),
    ...(hold === undefined ? {} : { hold: Math.min(LONGEST_HOLD, Math.max(0, Math.round(hold))) }),
  };
}
