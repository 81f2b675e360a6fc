/** The table of commands: no key means two things, and Esc leaves one thing at a time. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { candidate, docOf, edge, node } from "../model/samples";
import type { App } from "./app";
import { COMMANDS, commandFor, isReady, scopes } from "./commands";
import { fakeView } from "./fakes";
import { START, type Ui } from "./ui";

const doc = docOf({
  nodes: [node("n1"), node("n2", 300, 0), node("n3", 0, 300)],
  edges: [edge("e1", "n1", "n2")],
  candidates: [candidate("c1", "n1"), candidate("c2", "n1")],
});
let ui: Ui;
let done: string[];
let app: App;

beforeEach(() => {
  ui = START;
  done = [];
  const actions = new Proxy(
    {},
    {
      get: (_, name: string) =>
        vi.fn((...given: unknown[]) => {
          done.push([name, ...given.map((one) => JSON.stringify(one))].join(" "));
          if (name === "select") {
            const ids = given[0] as string[];
            ui = { ...ui, selection: new Set(ids), focus: ids.at(-1) ?? null };
          }
          if (name === "leavePathMode") ui = { ...ui, mode: "wander", path: null };
          if (name === "setLens") ui = { ...ui, lens: null };
          return name === "recipe" ? Promise.resolve(null) : undefined;
        }),
    },
  );
  const view = fakeView({
    neighbour: (id, direction) => (id === "n1" && direction === "right" ? "n2" : null),
  });
  app = {
    doc,
    actions,
    host: actions,
    ui: () => ui,
    setUi: (values: Partial<Ui>) => {
      ui = { ...ui, ...values };
    },
    view: () => view,
  } as unknown as App;
});

/** Presses keys one after the other, as the keyboard would. */
function press(...chords: string[]): (boolean | null)[] {
  return chords.map((chord) => {
    const command = commandFor(app, chord);
    return command && command.run(app) !== false;
  });
}
const focusOn = (id: string) => {
  ui = { ...ui, selection: new Set([id]), focus: id };
};

it("no two commands of a scope have the same key", () => {
  const seen = new Map<string, string>();
  for (const { id, scope, keys } of COMMANDS) {
    for (const key of keys) {
      expect(`${seen.get(`${scope} ${key}`) ?? id} has ${key}`).toBe(`${id} has ${key}`);
      seen.set(`${scope} ${key}`, id);
    }
  }
});

it("no command has the name of another", () => {
  const ids = COMMANDS.map((one) => one.id);
  expect(new Set(ids).size).toBe(ids.length);
});

it("a narrower scope takes over only these keys of a wider one", () => {
  const wider = { path: ["anywhere"], node: ["wander", "anywhere"], edge: ["wander", "anywhere"] } as const;
  const taken = (scope: string, over: readonly string[]) =>
    COMMANDS.filter((one) => one.scope === scope)
      .flatMap((one) => one.keys)
      .filter((key) => COMMANDS.some((one) => over.includes(one.scope) && one.keys.includes(key)));
  expect(Object.entries(wider).map(([scope, over]) => [scope, taken(scope, over)])).toEqual([
    ["path", ["Enter"]],
    ["node", []],
    ["edge", []],
  ]);
  expect(taken("wander", ["anywhere"])).toEqual([]);
  expect(taken("candidate", ["wander", "anywhere"]).sort()).toEqual(
    ["ArrowLeft", "ArrowRight", "ArrowUp", "Backspace", "C", "Delete", "Enter"].sort(),
  );
  expect(taken("scrub", ["edge", "wander", "anywhere"]).sort()).toEqual(
    [",", ".", "ArrowLeft", "ArrowRight", "Shift+ArrowLeft", "Shift+ArrowRight", "Space"].sort(),
  );
});

it("all that was promised has a key", () => {
  const keys = new Set(COMMANDS.flatMap((one) => one.keys));
  const promised =
    "ArrowLeft Alt+ArrowLeft Enter Tab F Shift+F 0 + - Mod+Z Mod+Shift+Z Mod+Y Delete Backspace Mod+A Mod+C Mod+F / V R C B G N L " +
    "Shift+0 Shift+1 Shift+2 Shift+3 Shift+4 Shift+5 P Space K Shift+K X M Shift+M T S H J ? Escape";
  expect(promised.split(" ").filter((key) => !keys.has(key))).toEqual([]);
});

it("Esc leaves the window, the tray, the thread, the edge, the path, the selection and the map, in that order", () => {
  ui = {
    ...ui,
    popup: { kind: "find" },
    tray: "n1",
    connecting: "n1",
    scrub: { edge: "e1", t: 0.5 },
    mode: "path",
    selection: new Set(["n1"]),
    focus: "n1",
    lens: "style",
  };
  const left = () =>
    [ui.popup, ui.tray, ui.connecting, ui.scrub, ui.mode === "path" || null, ui.focus, ui.lens].map(
      (one) => one === null,
    );
  for (let i = 1; i <= 7; i++) {
    press("Escape");
    expect(left()).toEqual(Array.from({ length: 7 }, (_, at) => at < i));
  }
  expect(press("Escape")).toEqual([false]);
});

it("nothing but the window's own keys counts while one is open", () => {
  focusOn("n1");
  ui = { ...ui, popup: { kind: "shortcuts" } };
  expect(press("V", "Delete", "Space", "P", "1")).toEqual([null, null, null, null, null]);
  press("?");
  expect(ui.popup).toBe(null);
});

describe("Space", () => {
  it("spreads a node, plays an edge, and plays the path in path mode", () => {
    focusOn("n1");
    press("Space");
    focusOn("e1");
    press("Space");
    ui = {
      ...ui,
      mode: "path",
      path: {
        sequence: null,
        name: "",
        start: null,
        joint: null,
        loop: false,
        steps: [{ edge: "e1", reverse: false, take: null, speed: 1, hold: 0, proposed: false }],
      },
    };
    press("Space");
    expect(done.map((line) => line.split(" ")[0])).toEqual(["spread", "playEdge", "play"]);
  });
});

describe("connecting by keys", () => {
  it("starts at the focus, walks, and ends with Enter", () => {
    focusOn("n1");
    press("C");
    expect([ui.connecting, scopes(app)[0]]).toEqual(["n1", "connect"]);
    press("ArrowRight", "Enter");
    expect(done.at(-1)).toBe('connect "n1" "n2"');
  });
  it("joins two selected ones at once", () => {
    ui = { ...ui, selection: new Set(["n3", "n1"]), focus: "n1" };
    press("C");
    expect(done).toEqual(['connect "n3" "n1"']);
  });
  it("walks pictures only, past the edges between them", () => {
    focusOn("n1");
    press("C");
    app = { ...app, view: () => fakeView({ neighbour: () => "e1" }) };
    press("ArrowRight");
    expect(ui.focus).toBe("n2");
    press("ArrowLeft", "ArrowDown", "Enter");
    expect(done.at(-1)).toBe('connect "n1" "n3"');
  });
  it("never joins one to itself by a slip", () => {
    focusOn("n1");
    press("C", "Enter");
    expect(done).toEqual([]);
  });
});

describe("candidates by keys", () => {
  beforeEach(() => {
    focusOn("n1");
    ui = { ...ui, tray: "n1" };
  });
  it("are walked into, along, and out of", () => {
    press("ArrowDown");
    expect(ui.focus).toBe("c1");
    press("ArrowRight");
    expect([ui.focus, press("ArrowRight")]).toEqual(["c2", [false]]);
    press("ArrowUp");
    expect(ui.focus).toBe("n1");
  });
  it("keep to the one grammar", () => {
    press("ArrowDown", "Enter", "Shift+Enter", "K", "Shift+K", "X");
    expect(done.filter((line) => !line.startsWith("select"))).toEqual([
      'more "c1"',
      'spreadFrom "c1"',
      'keep ["c1"]',
      'keep ["c1","c2"]',
      'discard ["c1"]',
    ]);
    expect(ui.focus).toBe("c2");
  });
  it("open beside the picture that they were made from", () => {
    press("ArrowDown", "C");
    expect(done.at(-1)).toBe('open {"kind":"candidate","id":"c1"} {"x":0,"y":0}');
  });
  it("have a menu where they lie in the open tray", () => {
    const box = { x: 40, y: 60, width: 20, height: 10 };
    const seen = fakeView({ boxOf: (id) => (id === "c1" ? box : null) });
    app = { ...app, view: () => seen };
    press("ArrowDown", "Shift+F10");
    expect(done.at(-1)).toBe('menu {"kind":"candidate","id":"c1"} {"x":50,"y":65} {"x":50,"y":65}');
  });
});

it("frames are stepped inside an edge, and B cuts there", () => {
  focusOn("e1");
  press(".");
  expect(ui.scrub).toEqual({ edge: "e1", t: 37 / 72 });
  press("ArrowRight", "Shift+ArrowLeft", "B");
  expect(done).toEqual(['branch "e1" 26']);
});

it("Tab goes through the pictures line by line, and out at the end", () => {
  const order = ["Tab", "Tab", "Tab"].map((key) => {
    press(key);
    return ui.focus;
  });
  expect(order).toEqual(["n1", "n2", "n3"]);
  expect(press("Tab")).toEqual([false]);
});

it("a menu knows what can be done beneath it", () => {
  focusOn("n1");
  ui = { ...ui, popup: { kind: "menu", target: null, at: { x: 0, y: 0 }, screen: { x: 0, y: 0 } } };
  const ready = (id: string) => COMMANDS.some((one) => one.id === id && isReady(app, one));
  expect([ready("vary"), ready("edge.play"), ready("branch"), ready("path.loop")]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
