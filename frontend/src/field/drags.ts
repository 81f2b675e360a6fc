/** Drags: each follows the pointer until it is let go of, commits once, or is taken back. */

import type { Id } from "../model/rows";
import { boardBox, type Feel, type Sight } from "./feel";
import { nodeUnder } from "./hits";
import type { Point } from "./host";
import type { Picking } from "./picking";
import type { Action, Under } from "./pointer";

/** What a drag needs of the canvas. */
export interface Ground {
  readonly feel: Feel;
  readonly picking: Picking;
  sight(): Sight;
  hold(places: ReadonlyMap<Id, Point>): void;
}

/** A drag in progress. Points are CSS pixels of the view. */
export interface Drag {
  move(screen: Point, by: Point): void;
  drop(screen: Point): void;
  /** Everything is as before. */
  cancel(): void;
}

type Start = (ground: Ground, under: Under, from: Point) => Drag | null;

export function startDrag(does: Action, ground: Ground, under: Under, from: Point): Drag | null {
  return STARTS[does]?.(ground, under, from) ?? null;
}

const STARTS: Partial<Record<Action, Start>> = {
  pan: ({ sight }) => ({
    move: (_, by) => sight().camera.pan(-by.x, -by.y),
    drop: () => undefined,
    cancel: () => undefined,
  }),

  "lasso box": (ground, _, from) => lasso(ground, from, false, "replace"),
  "lasso freehand": (ground, _, from) => lasso(ground, from, true, "replace"),

  "move things": (ground, under, from) => {
    const { doc, ui, camera } = ground.sight();
    const id = under && "id" in under ? under.id : "";
    const ids = ui.selection.has(id) ? ui.selection : new Set([id]);
    const places = new Map<Id, Point>();
    for (const one of ids) {
      const row = doc.nodes.get(one) ?? doc.notes.get(one);
      if (row) places.set(one, { x: row.x, y: row.y });
    }
    if (places.size === 0) return null;
    const start = camera.toCanvas(from);
    return moving(ground, places, start, null);
  },

  "move board": (ground, under, from) => {
    const { doc, camera, feel, scene } = ground.sight();
    const board = under?.kind === "board" ? doc.boards.get(under.id) : undefined;
    if (!board) return null;
    const { x, y, width, height } = board;
    const places = new Map<Id, Point>([[board.id, { x, y }]]);
    for (const i of ground.picking.nodesIn(x, y, x + width, y + height)) {
      const node = scene.nodes[i];
      const inside = node && node.x >= x && node.y >= y && node.x <= x + width && node.y <= y + height;
      if (inside) places.set(node.id, { x: node.x, y: node.y });
    }
    for (const note of doc.notes.values()) {
      if (note.x >= x && note.y >= y && note.x <= x + width && note.y <= y + height) {
        places.set(note.id, { x: note.x, y: note.y });
      }
    }
    const drag = moving(ground, places, camera.toCanvas(from), board.id);
    const end = (): void => {
      feel.board = null;
      feel.like = null;
    };
    return {
      move: (screen, by) => {
        drag.move(screen, by);
        const over = styled(ground, screen, places);
        const at = ground.feel.held.get(board.id) ?? board;
        feel.like = over ? { id: board.id, at: ground.sight().camera.toCanvas(screen), over } : null;
        feel.board = { id: board.id, box: { x: at.x, y: at.y, width, height } };
      },
      drop: (screen) => {
        const over = styled(ground, screen, places);
        end();
        if (!over) return drag.drop(screen);
        drag.cancel();
        ground.sight().host.restyleLike(over, board.id);
      },
      cancel: () => {
        end();
        drag.cancel();
      },
    };
  },

  "resize board": (ground, under) => {
    const { doc, feel, camera, host } = ground.sight();
    const board = under?.kind === "board" ? doc.boards.get(under.id) : undefined;
    if (!board) return null;
    return {
      move: (screen) => {
        const at = camera.toCanvas(screen);
        const [width, height] = [Math.max(120, at.x - board.x), Math.max(90, at.y - board.y)];
        feel.board = { id: board.id, box: { x: board.x, y: board.y, width, height } };
      },
      drop: () => {
        const { x, y, width, height } = boardBox(board, feel);
        feel.board = null;
        host.resizeBoard(board.id, { x, y, width, height });
      },
      cancel: () => {
        feel.board = null;
      },
    };
  },

  "restyle like": (ground, under) => {
    const id = under?.kind === "node" ? under.id : "";
    return {
      move: (screen) => {
        const { camera } = ground.sight();
        const over = nodeUnder(ground.sight(), ground.picking, screen, id);
        ground.feel.like = { id, at: camera.toCanvas(screen), over };
      },
      drop: (screen) => {
        ground.feel.like = null;
        const over = nodeUnder(ground.sight(), ground.picking, screen, id);
        if (over) ground.sight().host.restyleLike(over, id);
      },
      cancel: () => {
        ground.feel.like = null;
      },
    };
  },

  connect: (ground, under) => {
    const source = under?.kind === "handle" ? under.id : "";
    return {
      move: (screen) => {
        const at = ground.sight().camera.toCanvas(screen);
        ground.feel.thread = { source, at, over: nodeUnder(ground.sight(), ground.picking, screen, source) };
      },
      drop: (screen) => {
        ground.feel.thread = null;
        const { host, camera } = ground.sight();
        const over = nodeUnder(ground.sight(), ground.picking, screen, source);
        const own = nodeUnder(ground.sight(), ground.picking, screen, null) === source;
        if (over) host.connect(source, over);
        else if (!own) host.offerTarget(source, camera.toCanvas(screen), screen);
      },
      cancel: () => {
        ground.feel.thread = null;
      },
    };
  },

  keep: (ground, under) => {
    const id = under?.kind === "candidate" ? under.id : "";
    return {
      move: (screen) => {
        ground.feel.pulled = { id, at: ground.sight().camera.toCanvas(screen) };
      },
      drop: (screen) => {
        ground.feel.pulled = null;
        ground.sight().host.candidate(id, "keep", ground.sight().camera.toCanvas(screen));
      },
      cancel: () => {
        ground.feel.pulled = null;
      },
    };
  },
};

/** The node that a board's tab is over, unless it is one of the board's own. */
function styled(ground: Ground, screen: Point, own: ReadonlyMap<Id, Point>): Id | null {
  const over = nodeUnder(ground.sight(), ground.picking, screen, null);
  return over && !own.has(over) ? over : null;
}

function moving(ground: Ground, places: ReadonlyMap<Id, Point>, start: Point, board: Id | null): Drag {
  const moved = (screen: Point): Map<Id, Point> => {
    const at = ground.sight().camera.toCanvas(screen);
    const [dx, dy] = [at.x - start.x, at.y - start.y];
    return new Map([...places].map(([id, { x, y }]) => [id, { x: x + dx, y: y + dy }]));
  };
  return {
    move: (screen) => ground.hold(moved(screen)),
    drop: (screen) => {
      const to = moved(screen);
      // First the rows, then the hand: nothing flickers back.
      ground.sight().host.move(to);
      ground.hold(new Map());
      if (board) ground.feel.board = null;
    },
    cancel: () => ground.hold(new Map()),
  };
}

function lasso(ground: Ground, from: Point, free: boolean, how: "replace" | "add"): Drag {
  const start = ground.sight().camera.toCanvas(from);
  const points: Point[] = [start];
  const chosen = (): Id[] => {
    const { scene, doc, feel, camera } = ground.sight();
    const outline = feel.lasso?.points ?? [];
    if (outline.length < 2) return [];
    const [xs, ys] = [outline.map((p) => p.x), outline.map((p) => p.y)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const [right, bottom] = [Math.max(...xs), Math.max(...ys)];
    const nodes = free
      ? ground.picking.nodesWithin(outline)
      : ground.picking.nodesIn(left, top, right, bottom);
    const ids = nodes.flatMap((i) => scene.nodes[i]?.id ?? []);
    if (free) return ids;
    // Without any node in it, a box around edges means the edges.
    const edges = ids.length > 0 ? [] : ground.picking.edgesIn(left, top, right, bottom, camera.zoom);
    const notes = [...doc.notes.values()].filter(
      (n) => n.x >= left && n.x <= right && n.y >= top && n.y <= bottom,
    );
    return [...ids, ...edges.flatMap((e) => scene.edges[e]?.id ?? []), ...notes.map((note) => note.id)];
  };
  const end = (): void => {
    ground.feel.lasso = null;
  };
  return {
    move: (screen) => {
      const at = ground.sight().camera.toCanvas(screen);
      if (free) points.push(at);
      ground.feel.lasso = { free, points: free ? points : [start, at] };
    },
    drop: () => {
      const ids = chosen();
      end();
      ground.sight().host.select(ids, how);
    },
    cancel: end,
  };
}

/** A box or a line around things that are added to what is selected. */
export function addingLasso(ground: Ground, from: Point, free: boolean): Drag {
  return lasso(ground, from, free, "add");
}
