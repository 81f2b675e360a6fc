/** The infinite canvas: draws what the host has, feels what hands do, and tells the host. */

import type { Id } from "../model/rows";
import { boxAround, candidateBox, onScreen, openTray, union } from "./boxes";
import { type Box, Camera, eased, type Pose } from "./camera";
import { Canvas2DRenderer } from "./canvas2d";
import { CARD } from "./curve";
import {
  drawArrivals,
  drawBoards,
  drawHands,
  drawNotes,
  drawTray,
  labelOthers,
  previewsAtHand,
  threadAtHand,
} from "./draw.around";
import { drawLines, drawTiles, grownTiles, labelEdges, marksOf, tileOf, VisibleEdges } from "./draw.edges";
import { drawGrips, drawNodes, labelNodes, Visible } from "./draw.nodes";
import { boardBox, type Feel, noteBox, type Sight } from "./feel";
import { Gestures } from "./gestures";
import { Growing } from "./growing";
import type { Host, Point, View } from "./host";
import { Jobs } from "./jobs";
import { Labels } from "./labels";
import { Living } from "./living";
import { type Direction, neighbour } from "./neighbours";
import { Picking, TILES_FROM } from "./picking";
import { Pictures } from "./pictures";
import type { Renderer } from "./renderer";
import { Rest } from "./rest";
import { Scene } from "./scene";
import { SmallPictures } from "./small";
import { Stage } from "./stage";
import { HELP } from "./tray";
import { secondsOf, shownBy } from "./walk";
import { WebGLRenderer } from "./webgl";
import { wordsFor } from "./words";

const LENS_GLIDE = 600;
const FANNING = 320;
/** After how long without moving the view has come to rest, in milliseconds. */
const STILL = 160;
const LOOK = 350;
const MOST_LOOKED_AT = 200;
const CROWD = 3000;
const NO_TRAY = { node: null, since: 0, count: 0, follow: false };

export class Canvas implements View {
  readonly #host: Host;
  readonly #stage: Stage;
  readonly #camera = new Camera();
  readonly #scene = new Scene();
  readonly #picking: Picking;
  readonly #jobs: Jobs;
  readonly #small: SmallPictures;
  readonly #labels: Labels;
  readonly #gestures: Gestures;
  readonly #visible = new Visible();
  readonly #visibleEdges = new VisibleEdges();
  readonly #stops: (() => void)[] = [];
  readonly #feel: Feel = {
    hover: null,
    rest: new Rest(),
    shown: new Growing(),
    thread: null,
    lasso: null,
    held: new Map(),
    board: null,
    like: null,
    pulled: null,
  };
  #renderer: Renderer;
  #pictures: Pictures;
  #living: Living;
  #selected: Set<number> = new Set();
  #selectedKey: { selection: ReadonlySet<Id> | null; structure: number } = { selection: null, structure: -1 };
  #raf = 0;
  #moved = 0;
  #lookTimer = 0;
  /** Where the camera was before a lens. */
  #home: Pose | null = null;
  #lens: { from: number; to: number; since: number } | null = null;
  /** The open tray: since when, how many are in it, and whether the view follows it as it grows. */
  #tray: { node: Id | null; since: number; count: number; follow: boolean } = NO_TRAY;
  #fitted = false;
  #ratio = 0;
  #drawn = 0;
  #playing: Id | null = null;
  #script: number[] = [];
  #frames = 0;
  #chores = false;
  #settling = 0;
  #disposed = false;

  constructor(element: HTMLElement, host: Host) {
    this.#host = host;
    this.#stage = new Stage(element);
    this.#renderer = this.#start();
    this.#picking = new Picking(this.#scene);
    this.#jobs = new Jobs(host);
    this.#labels = new Labels(this.#stage.layer);
    const wake = (): void => this.#wake();
    this.#small = new SmallPictures(host.media, () => this.#renderer, wake);
    this.#pictures = new Pictures(host.media, this.#renderer, wake);
    this.#living = new Living(host, this.#pictures, this.#renderer, wake);
    this.#measure();
    this.#takeRows(null);
    const ground = {
      feel: this.#feel,
      picking: this.#picking,
      sight: () => this.#sight(performance.now()),
      hold: (places: ReadonlyMap<Id, Point>) => {
        this.#feel.held = places;
        this.#scene.hold(places);
      },
    };
    this.#gestures = new Gestures(element, ground, (moved) => {
      if (moved) this.#handMoved();
      this.#wake();
    });
    const sizes = new ResizeObserver(() => this.#measure());
    sizes.observe(element);
    this.#stops.push(
      () => sizes.disconnect(),
      host.doc.subscribe((changed) => this.#takeRows(changed)),
      host.subscribe(() => this.#hostChanged()),
    );
    this.#hostChanged();
  }

  // ---- View ----

  fitAll(): void {
    const box = this.#everything();
    if (box) this.#fit(box, 1);
  }

  reveal(box: Box): void {
    const now = this.#host.ui().reducedMotion ? null : performance.now();
    this.#camera.reveal(box, now, this.#host.insets());
    this.#viewMoved();
  }

  fit(ids: readonly Id[]): void {
    const numbers = ids.flatMap((id) => this.#numbersOf(id));
    const boards = ids.flatMap((id) => this.#host.doc.boards.get(id) ?? []);
    const notes = ids.flatMap((id) => this.#host.doc.notes.get(id) ?? []);
    const box = union([
      boxAround(this.#scene, numbers),
      ...boards.map((board) => boardBox(board, this.#feel)),
      ...notes.map((note) => noteBox(note, this.#feel)),
      ...ids.map((id) => candidateBox(this.#sight(performance.now()), id)),
    ]);
    if (box) this.#fit(box, 1.5);
  }

  pan(dx: number, dy: number): void {
    this.#camera.pan(dx, dy);
    this.#handMoved();
  }

  zoom(factor: number): void {
    this.#camera.zoomAt(factor, { x: this.#camera.width / 2, y: this.#camera.height / 2 });
    this.#handMoved();
  }

  centre(): Point {
    return { x: this.#camera.x, y: this.#camera.y };
  }

  toCanvas(screen: Point): Point {
    return this.#camera.toCanvas(screen);
  }

  toScreen(at: Point): Point {
    return this.#camera.toScreen(at);
  }

  boxOf(id: Id): Box | null {
    const { doc } = this.#host;
    const node = this.#scene.numberOf(id);
    if (node !== undefined) return onScreen(this.#camera, boxAround(this.#scene, [node]));
    if (this.#scene.edgeNumber(id) !== undefined) return this.#tileBox(id);
    const [board, note] = [doc.boards.get(id), doc.notes.get(id)];
    if (board) return onScreen(this.#camera, boardBox(board, this.#feel));
    if (note) return onScreen(this.#camera, noteBox(note, this.#feel));
    return onScreen(this.#camera, candidateBox(this.#sight(performance.now()), id));
  }

  neighbour(id: Id | null, direction: Direction): Id | null {
    return neighbour(this.#scene, id, direction, this.centre());
  }

  drawEdge(edge: Id, t: number, into: HTMLCanvasElement, take?: Id): boolean {
    const row = this.#host.doc.edges.get(edge);
    return row ? this.#living.into(row, t, into, take) : false;
  }

  stats(): { frames: number; script: number[]; renderer: string } {
    const stats = { frames: this.#frames, script: this.#script, renderer: this.#renderer.name };
    [this.#frames, this.#script] = [0, []];
    return stats;
  }

  /** What is on screen just now, for tests. */
  debug() {
    const { x, y, zoom, width, height } = this.#camera;
    return {
      camera: { x, y, zoom, width, height },
      nodesDrawn: this.#drawn,
      texturesLoaded: this.#pictures.loaded,
      texturesWaiting: this.#pictures.waiting,
      playing: this.#playing,
      moving: this.#living.ready,
      lens: this.#scene.mix,
      tileBox: (edge: Id) => this.#tileBox(edge),
    };
  }

  dispose(): void {
    this.#disposed = true;
    cancelAnimationFrame(this.#raf);
    clearTimeout(this.#lookTimer);
    clearTimeout(this.#settling);
    for (const stop of this.#stops) stop();
    this.#gestures.stop();
    this.#small.stop();
    this.#living.dispose();
    this.#renderer.dispose();
    this.#stage.dispose();
  }

  // ---- what changed ----

  #start(): Renderer {
    const canvas = this.#stage.canvas;
    const gl = WebGLRenderer.on(canvas);
    if (gl) {
      canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
      canvas.addEventListener("webglcontextrestored", () => this.#restored());
      return gl;
    }
    this.#stage.notice(
      "This browser has no WebGL: the canvas is drawn the slow way, and edges move in small pictures.",
    );
    return new Canvas2DRenderer(this.#stage.fresh());
  }

  #restored(): void {
    if (this.#disposed) return;
    this.#renderer = WebGLRenderer.on(this.#stage.canvas) ?? new Canvas2DRenderer(this.#stage.fresh());
    this.#pictures.reset(this.#renderer, this.#pictures.size);
    this.#living.reset(this.#renderer);
    this.#small.bring();
    this.#ratio = 0;
    this.#wake();
  }

  #takeRows(changed: ReadonlySet<Id> | null): void {
    const { doc } = this.#host;
    const glide = changed && !this.#host.ui().reducedMotion ? performance.now() : null;
    const structure = this.#scene.structure;
    this.#scene.update(doc, changed, glide);
    this.#jobs.forget();
    this.#living.forget();
    this.#pictures.forget();
    const small = smallSize(this.#scene.height);
    if (small.width !== this.#pictures.size.width || small.height !== this.#pictures.size.height) {
      this.#pictures.reset(this.#renderer, small);
      this.#living.reset(this.#renderer);
    }
    if (structure !== this.#scene.structure) this.#structureChanged();
    this.#wake();
  }

  #structureChanged(): void {
    this.#small.look(this.#scene.nodes);
    this.#fitFirst();
    this.#viewMoved();
  }

  /** Once, as soon as there is something to see and room to see it in. */
  #fitFirst(): void {
    if (this.#fitted || this.#camera.width <= 1) return;
    const box = this.#scene.nodes.length > 0 ? this.#everything() : null;
    if (box) this.#camera.fit(box, 1, null, this.#host.insets());
    this.#fitted = box !== null;
  }

  #everything(): Box | null {
    const cards = boxAround(this.#scene, this.#scene.nodes.keys());
    if (this.#scene.goal === 1) return cards; // a lens shows nothing else
    const boards = [...this.#host.doc.boards.values()].map((board) => boardBox(board, this.#feel));
    const notes = [...this.#host.doc.notes.values()].map((note) => noteBox(note, this.#feel));
    return union([cards, ...boards, ...notes, openTray(this.#sight(performance.now()))]);
  }

  #hostChanged(): void {
    const ui = this.#host.ui();
    const now = performance.now();
    // A frame may have begun before this moment: what is not to move has moved long ago.
    const since = ui.reducedMotion ? Number.NEGATIVE_INFINITY : now;
    this.#jobs.forgetJobs();
    if (this.#host.arrivals().length > 0) this.#fitted = true; // what is dropped stays under the hand
    this.#stage.root.dataset.mode = ui.mode;
    const places = this.#host.lens();
    const to = places ? 1 : 0;
    this.#scene.goal = to;
    if (places && places !== this.#scene.lens) this.#scene.setLens(places);
    if (to !== (this.#lens?.to ?? this.#scene.mix)) {
      this.#lens = { from: this.#scene.mix, to, since };
      this.#frameLens(ui.reducedMotion ? null : now);
    }
    if (this.#tray.node !== ui.tray) {
      this.#tray = { ...NO_TRAY, node: ui.tray, since, follow: ui.tray !== null };
    }
    if (this.#tray.follow) this.#followTray(now);
    this.#stage.say(ui.focus ? wordsFor(ui.focus, this.#host.doc, this.#jobs) : "");
    this.#wake();
  }

  /** All of a map is in view when it opens, and what was in view before when it closes. */
  #frameLens(now: number | null): void {
    if (this.#scene.goal === 1) this.#home = this.#camera.pose;
    const cards = boxAround(this.#scene, this.#scene.nodes.keys());
    if (this.#scene.goal === 1 && cards) this.#camera.fit(cards, 1, now, this.#host.insets());
    else if (this.#home) this.#camera.go(this.#home, now);
    this.#viewMoved();
  }

  /** Brings all of a tray into view when it opens, and when more comes into it, until a hand moves the view. */
  #followTray(now: number): void {
    const { tray, reducedMotion } = this.#host.ui();
    const i = tray ? this.#scene.numberOf(tray) : undefined;
    if (!tray || i === undefined || this.#camera.width <= 1) return;
    const count = this.#jobs.tray(tray).length + this.#jobs.coming(tray).length;
    if (count <= this.#tray.count) return;
    this.#tray.count = count;
    const node = boxAround(this.#scene, [i]);
    const box = union([node, openTray({ scene: this.#scene, jobs: this.#jobs, ui: this.#host.ui() })]);
    if (!box) return;
    const clear = this.#host.insets();
    this.#camera.reveal(box, reducedMotion ? null : now, { ...clear, bottom: clear.bottom + HELP });
    this.#viewMoved();
  }

  /** By the user: what the canvas would bring into view by itself, it leaves alone from now on. */
  #handMoved(): void {
    this.#tray.follow = false;
    this.#viewMoved();
  }

  #viewMoved(): void {
    this.#moved = performance.now();
    if (this.#lookTimer === 0) this.#lookTimer = window.setTimeout(() => this.#lookLater(), LOOK);
    this.#wake();
  }

  /** Tells what is in sight, once the view has rested. */
  #lookLater(): void {
    const left = LOOK - (performance.now() - this.#moved);
    this.#lookTimer = left > 1 ? window.setTimeout(() => this.#lookLater(), left) : 0;
    if (this.#lookTimer === 0) this.#lookAt();
  }

  #lookAt(): void {
    const ids: Id[] = [];
    this.#visible.find({ scene: this.#scene, camera: this.#camera });
    for (let n = 0; n < Math.min(this.#visible.count, MOST_LOOKED_AT / 2); n++) {
      const node = this.#scene.nodes[this.#visible.numbers[n] ?? -1];
      if (node) ids.push(node.id);
    }
    for (let n = 0; n < this.#visibleEdges.count && ids.length < MOST_LOOKED_AT; n++) {
      const edge = this.#scene.edges[this.#visibleEdges.numbers[n] ?? -1];
      if (edge) ids.push(edge.id);
    }
    this.#host.lookAt(ids);
    this.#wake();
  }

  #measure(): void {
    const { clientWidth, clientHeight } = this.#stage.root;
    [this.#camera.width, this.#camera.height] = [Math.max(1, clientWidth), Math.max(1, clientHeight)];
    this.#ratio = 0;
    this.#fitFirst();
    this.#wake();
  }

  // ---- frames ----

  #wake(): void {
    if (this.#raf === 0 && !this.#disposed) this.#raf = requestAnimationFrame((now) => this.#frame(now));
  }

  #frame(now: number): void {
    const began = performance.now();
    this.#raf = 0;
    if (this.#renderer.lost) return;
    const ui = this.#host.ui();
    let again = this.#camera.step(now);
    if (again) this.#viewMoved();
    again = this.#scene.step(now) || again;
    again = this.#stepLens(now) || again;
    again = this.#stepRest(now, ui.reducedMotion) || again;
    const sight = this.#sight(now);
    again = this.#feel.shown.step(sight.shown?.edge ?? null, now, ui.reducedMotion) || again;
    const still = this.#still();
    this.#visible.find(sight);
    this.#sharpen(still);
    this.#draw(sight);
    again = this.#moves(sight) || again;
    this.#frames++;
    const script = performance.now() - began;
    if (this.#script.length < 5000) this.#script.push(script);
    this.#afterwards();
    if (again) this.#wake();
    else if (!still) this.#settle();
  }

  #still(): boolean {
    return performance.now() - this.#moved > STILL;
  }

  /** Draws once more when nothing has moved for a while. */
  #settle(): void {
    this.#settling ||= window.setTimeout(() => {
      this.#settling = 0;
      this.#wake();
    }, STILL);
  }

  /** Fetching, uploading and drawing stills wait until the browser has nothing better to do. */
  #afterwards(): void {
    if (this.#chores || (!this.#still() && this.#pictures.waiting === 0)) return;
    this.#chores = true;
    whenIdle(() => {
      this.#chores = false;
      if (this.#disposed || this.#renderer.lost) return;
      const still = this.#still();
      const before = this.#pictures.loaded;
      const more = this.#pictures.pump(still ? 8 : 1, still ? 6 : 0);
      const stills = still && this.#living.makeStill();
      if (more || stills || before !== this.#pictures.loaded) this.#wake();
    });
  }

  #draw(sight: Sight): void {
    const { renderer, camera } = sight;
    renderer.begin(camera, this.#scene, this.#small.cells);
    this.#labels.begin(camera);
    this.#visibleEdges.find(sight);
    const marks = marksOf(sight);
    labelOthers(sight);
    drawBoards(sight);
    drawNotes(sight);
    drawLines(sight, this.#visibleEdges, marks);
    drawNodes(sight, this.#visible);
    this.#drawn = this.#visible.count;
    drawTiles(sight, this.#visibleEdges, marks);
    drawArrivals(sight);
    drawGrips(sight);
    drawTray(sight);
    drawHands(sight);
    renderer.end();
    labelEdges(sight, marks);
    labelNodes(sight, this.#visible);
    this.#labels.cover(camera, [...grownTiles(sight), ...previewsAtHand(sight)]);
    this.#labels.end();
  }

  /** Whether anything moves by itself. */
  #moves(sight: Sight): boolean {
    const { ui, feel, fan, jobs, scene } = sight;
    const thread = threadAtHand(sight);
    if (thread?.over && this.#living.hasPreview(thread.source, thread.over)) return true;
    if (feel.rest.edge || fan < 1) return true;
    if (ui.playing?.what === "path" && ui.playing.running) return true;
    if (ui.tray && jobs.coming(ui.tray).length > 0) return true;
    if (this.#camera.zoom < TILES_FROM) return false;
    if (ui.alive > 0 && this.#visibleEdges.count > 0) return true;
    for (let n = 0; n < this.#visibleEdges.count; n++) {
      const edge = scene.edges[this.#visibleEdges.numbers[n] ?? -1];
      if (edge && jobs.state(edge).state === "queued") return true;
    }
    return false;
  }

  #stepLens(now: number): boolean {
    if (!this.#lens) return false;
    const { from, to, since } = this.#lens;
    const share = Math.min(1, Math.max(0, (now - since) / LENS_GLIDE));
    this.#scene.mix = from + (to - from) * eased(share);
    if (share >= 1) {
      this.#lens = null;
      if (to === 0) this.#scene.setLens(null);
    }
    this.#moved = performance.now();
    return this.#lens !== null;
  }

  #stepRest(now: number, reduced: boolean): boolean {
    const { rest } = this.#feel;
    const edge = rest.edge ? this.#host.doc.edges.get(rest.edge) : undefined;
    if (!edge) {
      this.#playing = shownBy(this.#host.ui(), this.#host.doc)?.edge ?? null;
      return false;
    }
    const { scrub } = this.#host.ui();
    if (scrub?.edge === edge.id) rest.follow(scrub.t);
    const going = rest.step(now, secondsOf(this.#host.doc, edge), reduced);
    this.#playing = rest.playing ? edge.id : null;
    if (rest.playing) this.#host.scrub(edge.id, rest.tell());
    return going;
  }

  /** As sharp as the screen, but no more than twice; coarse while a crowd moves. */
  #sharpen(still: boolean): void {
    const most = Math.min(2, window.devicePixelRatio || 1);
    const ratio = !still && this.#visible.count > CROWD ? Math.min(1, most) : most;
    if (ratio === this.#ratio) return;
    this.#ratio = ratio;
    this.#renderer.resize(this.#camera.width, this.#camera.height, ratio);
  }

  #sight(now: number): Sight {
    const ui = this.#host.ui();
    const { selection } = ui;
    if (this.#selectedKey.selection !== selection || this.#selectedKey.structure !== this.#scene.structure) {
      this.#selectedKey = { selection, structure: this.#scene.structure };
      this.#selected = new Set([...selection].flatMap((id) => this.#scene.numberOf(id) ?? []));
    }
    return {
      host: this.#host,
      doc: this.#host.doc,
      ui,
      camera: this.#camera,
      scene: this.#scene,
      renderer: this.#renderer,
      pictures: this.#pictures,
      living: this.#living,
      labels: this.#labels,
      jobs: this.#jobs,
      feel: this.#feel,
      cells: this.#small.cells,
      ratio: Math.min(2, window.devicePixelRatio || 1),
      now,
      shown: shownBy(ui, this.#host.doc),
      selected: this.#selected,
      fan: ui.tray ? Math.min(1, Math.max(0, (now - this.#tray.since) / FANNING)) : 1,
    };
  }

  // ---- boxes ----

  #numbersOf(id: Id): number[] {
    const node = this.#scene.numberOf(id);
    if (node !== undefined) return [node];
    const e = this.#scene.edgeNumber(id);
    return e === undefined ? [] : [this.#scene.source[e] ?? 0, this.#scene.target[e] ?? 0];
  }

  #fit(box: Box, nearest: number): void {
    const { reducedMotion } = this.#host.ui();
    this.#camera.fit(box, nearest, reducedMotion ? null : performance.now(), this.#host.insets());
    this.#viewMoved();
  }

  #tileBox(edge: Id): Box | null {
    const e = this.#scene.edgeNumber(edge);
    const box = { x: 0, y: 0, width: 0, height: 0 };
    if (e === undefined || !tileOf(this.#sight(performance.now()), e, box)) return null;
    return { ...box, x: box.x - box.width / 2, y: box.y - box.height / 2 };
  }
}

function whenIdle(task: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(task, { timeout: 120 });
  else setTimeout(task, 4);
}

/** Of pictures on the shelf: the frame's shape, its longer side 256 pixels. */
function smallSize(height: number): { width: number; height: number } {
  const scale = 256 / Math.max(CARD, height);
  return { width: Math.round(CARD * scale), height: Math.round(height * scale) };
}
