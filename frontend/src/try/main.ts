// The page to try: the canvas of the studio on six photographs whose transitions lie ready beside it.

import "../styles/tokens.css";
import "../styles/base.css";
import "./try.css";
import { Canvas } from "../field/canvas";
import { Dock } from "./dock";
import { element } from "./element";
import { Hints } from "./hints";
import { StaticHost } from "./host";
import { Invitation } from "./invitation";
import { listen } from "./keys";
import { data } from "./media";
import { MomentBar } from "./moment";
import type { Workspace } from "./rows";

const ROOM = 24;
const answer = await fetch(data("workspace.json"));
if (!answer.ok) throw new Error(`data/workspace.json can't be fetched: ${answer.status}`);
const workspace = (await answer.json()) as Workspace;

const field = element("field");
const host = new StaticHost(workspace, {
  upright: field.clientHeight > field.clientWidth,
  still: matchMedia("(prefers-reduced-motion: reduce)").matches,
});
const canvas = new Canvas(field, host);
const dock = new Dock(host, canvas);
const moment = new MomentBar(host);
const hints = new Hints(host);
const invitation = new Invitation(host, canvas, { from: "n-coffee", to: "n-rocket" });
host.select(["n-coffee"]);

host.told = (deed) => {
  hints.tell(deed);
  if (deed === "connected" || deed === "missed") invitation.understood();
  if (deed === "branched" && !isInView(host.chosen)) canvas.fitAll();
};
/** With some room around it. */
function isInView(id: string | null): boolean {
  const box = id && canvas.boxOf(id);
  if (!box) return false;
  const { clientWidth, clientHeight } = field;
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  return box.x > ROOM && box.y > ROOM && right < clientWidth - ROOM && bottom < clientHeight - ROOM;
}

host.made = (edge) => invitation.show(edge);
field.addEventListener("pointerdown", () => host.letGo(), { capture: true });
// After the canvas has measured itself: it observes since before.
new ResizeObserver(() => canvas.fitAll()).observe(field);
listen(host, canvas, dock);

element("undo").addEventListener("click", () => host.undo());
element("fit").addEventListener("click", () => canvas.fitAll());
element("walk").addEventListener("click", () => host.walk(host.ui().mode === "wander"));

let before = performance.now();
function tick(now: number): void {
  const passed = Math.min(0.1, (now - before) / 1000);
  before = now;
  dock.step(passed);
  invitation.step(passed);
  requestAnimationFrame(tick);
}
requestAnimationFrame(tick);

function show(): void {
  element<HTMLButtonElement>("undo").disabled = !host.canUndo;
  const walking = host.ui().mode === "path";
  document.body.dataset.mode = host.ui().mode;
  element("walk").setAttribute("aria-pressed", String(walking));
  moment.show();
  dock.show();
  hints.show();
}
host.subscribe(show);
show();
Object.assign(window, { forkframe: { host, canvas } }); // for the browser's console, and for tests
