/** From pointers, wheels and fingers to gestures; the pointer table says what each does. */

import { Clicks } from "./clicks";
import { addingLasso, type Drag, type Ground, startDrag } from "./drags";
import { filesOf } from "./dropped";
import type { Sight } from "./feel";
import { type Hit, hit } from "./hits";
import type { Point, Target } from "./host";
import { type Action, action, type Gesture, spot, type Under } from "./pointer";

/** CSS pixels that a pressed pointer may wander and still click. */
const SLIP = 4;
const LONG = 500;

interface Press {
  pointer: number;
  touch: boolean;
  from: Point;
  last: Point;
  on: Hit;
  shift: boolean;
  alt: boolean;
  button: number;
  drag: Drag | null;
  slipped: boolean;
  timer: number;
}

/** Listens on an element until it is stopped. `wake` draws a frame. */
export class Gestures {
  readonly #element: HTMLElement;
  readonly #ground: Ground;
  readonly #wake: (moved: boolean) => void;
  readonly #stop = new AbortController();
  #press: Press | null = null;
  #box: DOMRect | null = null;
  readonly #fingers = new Map<number, Point>();
  #space = false;
  readonly #clicks = new Clicks();
  /** Where the pointer is, in CSS pixels of the view; null when it is elsewhere. */
  pointer: Point | null = null;

  constructor(element: HTMLElement, ground: Ground, wake: (moved: boolean) => void) {
    [this.#element, this.#ground, this.#wake] = [element, ground, wake];
    const { signal } = this.#stop;
    const on = <K extends keyof HTMLElementEventMap>(
      name: K,
      task: (event: HTMLElementEventMap[K]) => void,
      passive = false,
    ): void => element.addEventListener(name, task as EventListener, { signal, passive });
    const moved = (): void => {
      this.#box = null;
    };
    window.addEventListener("resize", moved, { signal });
    window.addEventListener("scroll", moved, { signal, passive: true });
    on("pointerenter", moved);
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", (event) => this.#cancelled(event));
    on("pointerleave", (event) => event.pointerType !== "touch" && this.#left());
    on("wheel", (event) => this.#wheel(event));
    on("contextmenu", (event) => this.#menu(event));
    // A middle click must not scroll the page by itself.
    on("mousedown", (event) => {
      if (event.button === 1) event.preventDefault();
    });
    window.addEventListener("keydown", (event) => this.#key(event), { signal, capture: true });
    window.addEventListener("keyup", (event) => this.#key(event), { signal, capture: true });
    // Files may be let go of over a panel too.
    window.addEventListener("dragover", (event) => event.preventDefault(), { signal });
    window.addEventListener("drop", (event) => this.#drop(event), { signal });
    window.addEventListener("paste", (event) => this.#paste(event), { signal });
    window.addEventListener("blur", () => this.#blurred(), { signal });
  }

  get busy(): boolean {
    return this.#press?.drag != null;
  }

  stop(): void {
    this.#stop.abort();
    this.cancel();
  }

  /** Takes back the gesture in progress; false if there was none. */
  cancel(): boolean {
    const press = this.#press;
    if (!press) return false;
    clearTimeout(press.timer);
    const had = press.drag !== null;
    press.drag?.cancel();
    if (this.#element.hasPointerCapture(press.pointer)) this.#element.releasePointerCapture(press.pointer);
    this.#press = null;
    this.#wake(false);
    return had;
  }

  #sight(): Sight {
    return this.#ground.sight();
  }

  #at(event: MouseEvent): Point {
    this.#box ??= this.#element.getBoundingClientRect(); // asking each time would lay the page out each time
    return { x: event.clientX - this.#box.left, y: event.clientY - this.#box.top };
  }

  #does(gesture: Gesture, under: Under): Action {
    return action(gesture, spot(under), this.#sight().ui.mode);
  }

  #down(event: PointerEvent): void {
    const touch = event.pointerType === "touch";
    const from = this.#at(event);
    this.#element.dataset.by = "hand";
    this.#element.focus({ preventScroll: true });
    if (touch) this.#fingers.set(event.pointerId, from);
    if (this.#fingers.size > 1) {
      this.cancel();
      return;
    }
    if (this.#press || event.button === 2) return;
    this.#element.setPointerCapture(event.pointerId);
    this.#press = {
      pointer: event.pointerId,
      touch,
      from,
      last: from,
      on: hit(this.#sight(), this.#ground.picking, from),
      shift: event.shiftKey,
      alt: event.altKey,
      button: event.button,
      drag: null,
      slipped: false,
      timer: touch ? window.setTimeout(() => this.#pressedLong(event.pointerId), LONG) : 0,
    };
    // A finger does not hover: an edge that is touched plays until something else is.
    if (touch) this.#hover(from, this.#press.on);
  }

  #move(event: PointerEvent): void {
    const at = this.#at(event);
    const finger = this.#fingers.get(event.pointerId);
    if (finger && this.#fingers.size === 2) {
      this.#pinch(event.pointerId, finger, at);
      return;
    }
    if (finger) this.#fingers.set(event.pointerId, at);
    this.pointer = at;
    const press = this.#press;
    if (!press || press.pointer !== event.pointerId) {
      if (event.pointerType !== "touch") this.#hover(at, hit(this.#sight(), this.#ground.picking, at));
      return;
    }
    if (!press.slipped && Math.hypot(at.x - press.from.x, at.y - press.from.y) > SLIP) this.#slip(press);
    if (press.drag) {
      press.drag.move(at, { x: at.x - press.last.x, y: at.y - press.last.y });
      this.#sight().host.pointAt(this.#sight().camera.toCanvas(at));
      this.#wake(true);
    }
    press.last = at;
  }

  /** A press becomes a drag. */
  #slip(press: Press): void {
    press.slipped = true;
    clearTimeout(press.timer);
    const gesture = this.#space
      ? "space-drag"
      : press.button === 1
        ? "middle-drag"
        : press.touch
          ? "finger-drag"
          : press.alt
            ? "alt-drag"
            : press.shift
              ? "shift-drag"
              : "drag";
    const { under } = press.on;
    const { feel, host, ui, scene } = this.#sight();
    const wanted = this.#does(gesture, under);
    // A lens never moves anything, so a drag there chooses nothing either.
    const does = wanted === "move things" && scene.mix > 0 ? "pan" : wanted;
    if (does !== "pan") {
      feel.rest.point(null, 0, null, performance.now());
      host.scrub(null, 0);
    }
    if (does === "move things" && under && "id" in under && !ui.selection.has(under.id)) {
      host.select([under.id], press.shift ? "add" : "replace");
    }
    const free = does === "lasso freehand";
    press.drag =
      press.shift && (does === "lasso box" || free)
        ? addingLasso(this.#ground, press.from, free)
        : startDrag(does, this.#ground, under, press.from);
  }

  #up(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    const press = this.#press;
    if (!press || press.pointer !== event.pointerId) return;
    clearTimeout(press.timer);
    this.#press = null;
    const at = this.#at(event);
    if (press.drag) press.drag.drop(at);
    else if (!press.slipped && press.button === 0) this.#click(press, at, event);
    // Below a window that a click has opened, nothing is under the pointer.
    if (event.pointerType !== "touch" && !this.#sight().ui.popup) {
      this.#hover(at, hit(this.#sight(), this.#ground.picking, at));
    }
    this.#wake(false);
  }

  #click(press: Press, at: Point, event: PointerEvent): void {
    const { under } = press.on;
    const nth = this.#clicks.heard(under, at, event.timeStamp);
    if (nth === "one more") return;
    const again = nth === "second";
    const plain: Gesture = press.touch ? "tap" : press.shift ? "shift-click" : "click";
    const does = again
      ? this.#does(press.touch ? "double-tap" : "double-click", under)
      : this.#does(plain, under);
    // In path mode the second of two clicks is a click as well.
    this.#act(does === "nothing" && again ? this.#does(plain, under) : does, under, at);
  }

  #act(does: Action, under: Under, at: Point): void {
    const { host, ui } = this.#sight();
    const id = under && "id" in under ? under.id : null;
    if (does === "clear") host.select([], "replace");
    else if (does === "menu") host.menu(target(under), this.#sight().camera.toCanvas(at), at);
    else if (does === "open") {
      this.#letGo();
      host.open(target(under), at);
    } else if (!id || !under) return;
    else if (does === "select") host.select([id], "replace");
    else if (does === "toggle") host.select([id], "toggle");
    else if (does === "step" && (under.kind === "node" || under.kind === "edge"))
      host.step({ kind: under.kind, id });
    else if (does === "more like this") host.candidate(id, "more");
    else if (does === "spread from this") host.candidate(id, "spread");
    else if (does === "open tray") {
      if (ui.tray === id) host.foldTray();
      else host.openTray(id);
    }
  }

  /** Moves that wait behind a slow frame are heard first: they come before the next one. */
  #pressedLong(pointer: number): void {
    requestAnimationFrame(() => {
      const press = this.#press;
      if (!press || press.slipped || press.pointer !== pointer) return;
      this.cancel();
      this.#act(this.#does("long-press", press.on.under), press.on.under, press.from);
    });
  }

  #hover(at: Point, found: Hit): void {
    const { feel, host, camera } = this.#sight();
    const { under } = found;
    const candidate = under?.kind === "candidate" ? under.id : null;
    if (candidate !== (feel.hover?.kind === "candidate" ? feel.hover.id : null)) host.hover(candidate);
    feel.hover = under;
    const edge = under?.kind === "edge" ? under.id : null;
    const before = feel.rest.edge;
    feel.rest.point(edge, found.t, at, performance.now());
    if (before && before !== edge) host.scrub(null, 0);
    this.#element.style.cursor = this.#cursor(under);
    host.pointAt(camera.toCanvas(at));
    this.#wake(false);
  }

  #cursor(under: Under): string {
    if (this.#sight().ui.mode === "path") return "crosshair";
    if (this.#space) return "grab";
    if (under?.kind === "handle") return "crosshair";
    if (under?.kind === "edge" || under?.kind === "candidate" || under?.kind === "badge") return "pointer";
    if (under?.kind === "board" && under.part === "corner") return "nwse-resize";
    if (under?.kind === "board" && under.part === "tab") return "grab";
    return "default";
  }

  #left(): void {
    if (this.#press) return;
    this.pointer = null;
    this.#letGo();
    this.#sight().host.pointAt(null);
    this.#wake(false);
  }

  /** Nothing is under the pointer any more. */
  #letGo(): void {
    const { feel, host } = this.#sight();
    if (feel.hover?.kind === "candidate") host.hover(null);
    feel.hover = null;
    feel.rest.point(null, 0, null, performance.now());
    host.scrub(null, 0);
  }

  #cancelled(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    if (this.#press?.pointer === event.pointerId) this.cancel();
  }

  #pinch(pointer: number, before: Point, at: Point): void {
    const other = [...this.#fingers].find(([id]) => id !== pointer)?.[1];
    this.#fingers.set(pointer, at);
    if (!other) return;
    const { camera } = this.#sight();
    const apart = (p: Point): number => Math.hypot(p.x - other.x, p.y - other.y) || 1;
    camera.pan(-(at.x - before.x) / 2, -(at.y - before.y) / 2);
    camera.zoomAt(apart(at) / apart(before), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
    this.#wake(true);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { camera } = this.#sight();
    const unit = event.deltaMode === 1 ? 32 : event.deltaMode === 2 ? camera.height : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const gesture = event.ctrlKey || event.metaKey ? "ctrl-wheel" : event.shiftKey ? "shift-wheel" : "wheel";
    const does = this.#does(gesture, null);
    const at = this.#at(event);
    if (does === "zoom") {
      // A pinch sends small steps, a wheel's notch large ones.
      camera.zoomAt(Math.exp(-Math.max(-80, Math.min(80, dy)) * (Math.abs(dy) < 40 ? 0.01 : 0.004)), at);
    } else if (does === "pan sideways") camera.pan(dx || dy, 0);
    else camera.pan(dx, dy);
    // What slides under a pointer that stands still is nobody's wish to play it.
    if (!this.#press) this.#letGo();
    this.pointer = at;
    this.#wake(true);
  }

  #menu(event: MouseEvent): void {
    event.preventDefault();
    if (this.#press?.drag) return;
    const at = this.#at(event);
    // From the keyboard there is no place; the app knows what has the focus.
    const found = hit(this.#sight(), this.#ground.picking, at);
    this.#act(this.#does("right-click", found.under), found.under, at);
  }

  #drop(event: DragEvent): void {
    event.preventDefault();
    if (!event.dataTransfer) return;
    const { camera, host } = this.#sight();
    const at = camera.toCanvas(this.#at(event));
    const bring = (files: readonly File[]): void => {
      if (files.length > 0) host.bring(files, at);
    };
    const files = filesOf(event.dataTransfer);
    if (files instanceof Promise) files.then(bring, () => bring([...(event.dataTransfer?.files ?? [])]));
    else bring(files);
  }

  #paste(event: ClipboardEvent): void {
    if (writes(event.target)) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    const { camera, host } = this.#sight();
    const at = this.pointer ?? { x: camera.width / 2, y: camera.height / 2 };
    host.bring(files, camera.toCanvas(at));
  }

  #key(event: KeyboardEvent): void {
    this.#element.dataset.by = "keys";
    if (event.code === "Space" && !writes(event.target)) {
      this.#space = event.type === "keydown";
      // Held down for a drag, it is not a key press for anybody else.
      if (this.#press) event.stopPropagation();
    }
    if (event.key !== "Escape" || event.type !== "keydown" || writes(event.target)) return;
    if (this.cancel()) event.stopPropagation();
    else if (this.#sight().ui.tray && event.target === this.#element) {
      event.stopPropagation();
      this.#sight().host.foldTray();
    }
  }

  #blurred(): void {
    this.#space = false;
    this.#fingers.clear();
    this.cancel();
  }
}

function target(under: Under): Target {
  return under?.kind === "badge" ? { kind: "node", id: under.id } : under;
}

function writes(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}
