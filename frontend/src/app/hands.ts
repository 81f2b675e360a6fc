// What hands do on the canvas, and what the canvas looks at: the app as field/ sees it.

import { mediaUrls } from "../api/client";
import type { Host, Insets } from "../field/host";
import type { Change, Place } from "../model/changes";
import type { Id } from "../model/rows";
import type { Actions } from "./actions";
import type { Core } from "./core";
import type { MakingActions } from "./making";
import type { Ui } from "./ui";

export type Hands = Host;

/** As in `styles/panels.css`: up to this width panels lie below, and are this share of the window high. */
const PHONE = 520;
const SHEET_SHARE = 0.45;

/** What the panels cover, in CSS pixels; of narrow screens beside, they cover what they must. */
function insetsOf(ui: Ui, hint: boolean): Insets {
  const narrow = window.innerWidth < 900;
  const phone = window.innerWidth <= PHONE;
  const sheet = ui.side !== null && (ui.side !== "inspector" || ui.selection.size > 0);
  return {
    top: phone || hint || ui.mode === "path" || ui.connecting ? 112 : 64,
    right: narrow ? 0 : sheet ? 384 : 64,
    bottom: Math.max(
      ui.path ? (narrow ? 140 : 170) : 24,
      phone && sheet ? SHEET_SHARE * window.innerHeight : 0,
    ),
    left: 24,
  };
}

export function handsOn(core: Core, actions: Actions, making: MakingActions): Hands {
  const { store, doc, client, changes, live, toasts } = core;

  return {
    doc,
    media: { ...mediaUrls, atlas: () => client.atlas() },
    ui: () => store.ui,
    jobs: () => store.now.jobs,
    presences: () => store.now.presences,
    arrivals: () => store.now.arrivals,
    lens: () => store.now.lens,
    async previewField(source, target, parameters) {
      await changes.settled();
      return client.preview(source, target, making.drafterFor("transition"), parameters);
    },
    insets: () => insetsOf(store.ui, store.ui.hint && doc.nodes.size > 1),
    subscribe: (listener) => store.subscribe(listener),

    select: actions.select,
    connect: actions.connect,
    step: actions.step,
    bring: (files, at) => void actions.bring(files, at),

    move(places) {
      if (store.ui.lens) return; // a lens never moves what it shows
      const nodes: Record<Id, Place> = {};
      const others: Change[] = [];
      if ([...places.keys()].some((id) => !doc.find(id))) {
        toasts.say("plain", "What you were dragging was deleted by somebody else meanwhile");
      }
      for (const [id, { x, y }] of places) {
        if (doc.nodes.has(id)) nodes[id] = [x, y];
        else if (doc.boards.has(id) || doc.notes.has(id)) {
          others.push({ type: "SetFields", id, values: { x, y } });
        }
      }
      const moved: Change[] = Object.keys(nodes).length > 0 ? [{ type: "MoveNodes", places: nodes }] : [];
      changes.make(...moved, ...others);
    },
    resizeBoard(id, { x, y, width, height }) {
      actions.setFields(id, { x, y, width, height });
    },
    offerTarget(source, at, screen) {
      store.setUi({ popup: { kind: "offer", source, at, screen } });
    },
    restyleLike: (node, like) => void making.restyleLike(node, like),

    open(target, screen) {
      switch (target?.kind) {
        case "node":
        case "handle":
          return store.setUi({ popup: { kind: "reframe", node: target.id } });
        case "edge":
          return store.setUi({ popup: { kind: "takes", edge: target.id } });
        case "candidate": {
          const node = doc.candidates.get(target.id)?.node;
          if (node) store.setUi({ popup: { kind: "compare", node, candidate: target.id } });
          return;
        }
        case "board":
          return store.setUi({ popup: { kind: "edit", id: target.id, field: "name" } });
        case "note":
          return store.setUi({ popup: { kind: "edit", id: target.id, field: "text" } });
        default: {
          const at = core.view()?.toCanvas(screen);
          if (at) store.setUi({ popup: { kind: "note", at } });
        }
      }
    },
    scrub(edge, t) {
      const { scrub } = store.ui;
      if ((scrub?.edge ?? null) !== edge || (edge && scrub?.t !== t))
        store.setUi({ scrub: edge ? { edge, t } : null });
    },
    candidate(id, what, at) {
      if (what === "more") void making.more(id);
      else if (what === "spread") void making.spreadFrom(id);
      else making.keep([id], at);
    },
    openTray: (node) => store.setUi({ tray: node }),
    foldTray: () => store.setUi({ tray: null, hovered: null }),
    hover: (hovered) => store.setUi({ hovered }),
    menu(target, at, screen) {
      store.setUi({ popup: { kind: "menu", target, at, screen } });
    },
    pointAt: (at) => live.tell({ cursor: at ? [at.x, at.y] : null }),
    lookAt: (ids) => live.look(ids),
  };
}
