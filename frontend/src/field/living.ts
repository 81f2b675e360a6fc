/** Edges in motion: any moment of an edge as a picture, from its field, its video or a preview made on the fly. */

import type { Edge, Hash, Id } from "../model/rows";
import { type Field, parseField } from "./fieldfile";
import type { Host } from "./host";
import { type Footage, footage } from "./moment";
import type { Pictures } from "./pictures";
import type { Moving, Picture, Renderer, Size } from "./renderer";
import { Videos } from "./videos";

const MOST_MOVING = 12;
const MOST_FIELDS = 96;
const STRIP = 8;
const STRIP_SIDE = 160;
const LADDER = [256, 512, 1280];
/** How long a preview or a field that failed is left alone, in milliseconds. */
const PATIENCE = 3000;

interface Ready {
  moving: Moving;
  used: number;
}

export class Living {
  readonly #host: Host;
  readonly #pictures: Pictures;
  readonly #videos: Videos;
  readonly #wake: () => void;
  #renderer: Renderer;
  readonly #moving = new Map<string, Ready>();
  readonly #preparing = new Set<string>();
  readonly #failed = new Map<string, number>();
  readonly #fields = new Map<string, Promise<Field>>();
  readonly #stills: { key: string; moving: string; edge: Edge }[] = [];
  readonly #footage = new Map<Id, Footage | null>();
  /** Under which keys the stills of edges are kept. */
  readonly #stillKeys = new Map<Id, string>();
  #clock = 0;
  #age = 0;

  constructor(host: Host, pictures: Pictures, renderer: Renderer, wake: () => void) {
    this.#host = host;
    this.#pictures = pictures;
    this.#renderer = renderer;
    this.#wake = wake;
    this.#videos = new Videos(renderer, wake);
  }

  reset(renderer: Renderer): void {
    this.#renderer = renderer;
    this.#moving.clear();
    this.#preparing.clear();
    this.#stills.length = 0;
    this.#age++;
    this.#videos.reset(renderer);
  }

  /** After rows changed. */
  forget(): void {
    this.#footage.clear();
    this.#stillKeys.clear();
  }

  get ready(): number {
    return this.#moving.size;
  }

  /** A moment of an edge, drawn now; null while what it takes is on its way. `side`: about how wide it is seen. */
  at(edge: Edge, t: number, side = 256): Picture | null {
    const shows = this.#footageOf(edge);
    if (shows && !shows.field) return this.#filmed(shows, edge, t);
    const moving = shows ? this.#stored(shows, side) : this.preview(edge.source, edge.target, asked(edge));
    return moving?.at(shows ? shows.from + t * (shows.to - shows.from) : t) ?? null;
  }

  /** The edge half way, small, drawn once; null until it is there. */
  still(edge: Edge): Picture | null {
    const shows = this.#footageOf(edge);
    if (!shows) return null;
    if (!shows.field) return this.#filmed(shows, edge, 0.5, false);
    let key = this.#stillKeys.get(edge.id);
    if (key === undefined) {
      key = `still ${shows.field} ${shows.ends.join(" ")} ${shows.from} ${shows.to}`;
      this.#stillKeys.set(edge.id, key);
    }
    const found = this.#pictures.get(key);
    if (!found && this.#stills.length < 24 && !this.#stills.some((one) => one.key === key)) {
      this.#stills.push({ key, moving: movingKey(shows, 256), edge });
    }
    return found;
  }

  /** Makes at most one still that was asked for: a few milliseconds. True if more wait. */
  makeStill(): boolean {
    for (let i = 0; i < this.#stills.length; i++) {
      const next = this.#stills[i];
      if (!next) break;
      const shows = this.#footageOf(next.edge);
      const moving = shows?.field ? this.#stored(shows, 256) : null;
      const failed = this.#failed.has(next.moving);
      if (!failed && (!shows || !moving)) continue;
      this.#stills.splice(i, 1);
      if (shows && moving) {
        this.#pictures.keep(next.key, () => moving.still((shows.from + shows.to) / 2));
        this.#wake();
        break;
      }
    }
    return this.#stills.length > 0 && this.#preparing.size === 0;
  }

  /** A morph that nobody asked to keep, for a thread that is held over a node. */
  preview(source: Id, target: Id, parameters: Edge["parameters"] = {}): Moving | null {
    const [a, b] = [this.#host.doc.nodes.get(source)?.framed, this.#host.doc.nodes.get(target)?.framed];
    if (!a || !b) return null;
    const key = `preview ${a} ${b}${Object.keys(parameters).length ? JSON.stringify(parameters) : ""}`;
    return this.#ready(key, [a, b], 256, () => this.#host.previewField(source, target, parameters));
  }

  /** Whether the preview between two nodes can be drawn already. */
  hasPreview(source: Id, target: Id): boolean {
    const [a, b] = [this.#host.doc.nodes.get(source)?.framed, this.#host.doc.nodes.get(target)?.framed];
    return this.#moving.has(`preview ${a} ${b}`);
  }

  /** Draws a moment over a canvas; false if it can't be yet. */
  into(edge: Edge, t: number, canvas: HTMLCanvasElement, take?: Id): boolean {
    const shows = take ? footage(this.#host.doc, edge, take) : this.#footageOf(edge);
    if (shows && !shows.field) return this.#filmInto(shows, t, canvas);
    const side = Math.max(canvas.width, canvas.height);
    const moving = shows ? this.#stored(shows, side) : this.preview(edge.source, edge.target, asked(edge));
    if (!moving) return false;
    moving.into(canvas, shows ? shows.from + t * (shows.to - shows.from) : t);
    return true;
  }

  dispose(): void {
    this.#videos.dispose();
    for (const { moving } of this.#moving.values()) moving.dispose();
    this.#moving.clear();
  }

  #footageOf(edge: Edge): Footage | null {
    const known = this.#footage.get(edge.id);
    if (known !== undefined) return known;
    const found = footage(this.#host.doc, edge);
    this.#footage.set(edge.id, found);
    return found;
  }

  /** From the stored field; while a larger one is prepared, a smaller one that is there. */
  #stored(shows: Footage, side: number): Moving | null {
    const field = shows.field ?? "";
    const load = async (): Promise<ArrayBuffer> => {
      const answer = await fetch(this.#host.media.blob(field));
      if (!answer.ok) throw new Error(`the field can't be fetched: ${answer.status}`);
      return answer.arrayBuffer();
    };
    const fitting = LADDER.find((step) => step >= side * 0.8) ?? 1280;
    const best = this.#ready(movingKey(shows, fitting), shows.ends, fitting, load, field);
    if (best || fitting === 256) return best;
    const smaller = this.#moving.get(movingKey(shows, 256));
    return smaller?.moving ?? this.#ready(movingKey(shows, 256), shows.ends, 256, load, field);
  }

  #ready(
    key: string,
    ends: readonly [Hash, Hash],
    side: number,
    load: () => Promise<ArrayBuffer>,
    fieldKey = key,
  ): Moving | null {
    const ready = this.#moving.get(key);
    if (ready) {
      ready.used = ++this.#clock;
      return ready.moving;
    }
    const failed = this.#failed.get(key);
    if (failed !== undefined && performance.now() - failed < PATIENCE) return null;
    if (this.#preparing.has(key) || this.#preparing.size >= 6 || this.#renderer.lost) return null;
    this.#preparing.add(key);
    this.#prepare(key, ends, side, load, fieldKey);
    return null;
  }

  async #prepare(
    key: string,
    ends: readonly [Hash, Hash],
    side: number,
    load: () => Promise<ArrayBuffer>,
    fieldKey: string,
  ): Promise<void> {
    const age = this.#age;
    try {
      const [first, last, field] = await Promise.all([
        this.#pictures.bitmap(ends[0], side),
        this.#pictures.bitmap(ends[1], side),
        this.#field(fieldKey, load),
      ]);
      if (age !== this.#age || this.#renderer.lost) return;
      this.#makeRoom();
      const moving = this.#renderer.moving(first, last, field, this.#sizeFor(side));
      this.#moving.set(key, { moving, used: ++this.#clock });
      this.#failed.delete(key);
    } catch {
      // The tile goes on showing both pictures; it is tried again when it is looked at then.
      this.#failed.set(key, performance.now());
      setTimeout(this.#wake, PATIENCE);
    } finally {
      if (age === this.#age) this.#preparing.delete(key);
      this.#wake();
    }
  }

  #field(key: string, load: () => Promise<ArrayBuffer>): Promise<Field> {
    const known = this.#fields.get(key);
    if (known) return known;
    const field = load().then(parseField);
    this.#fields.set(key, field);
    field.catch(() => this.#fields.delete(key));
    for (const old of this.#fields.keys()) {
      if (this.#fields.size <= MOST_FIELDS) break;
      this.#fields.delete(old);
    }
    return field;
  }

  #sizeFor(side: number): Size {
    const { width, height } = this.#pictures.size;
    const scale = side / Math.max(width, height);
    return { width: Math.round(width * scale), height: Math.round(height * scale) };
  }

  #makeRoom(): void {
    while (this.#moving.size >= MOST_MOVING) {
      const [oldest] = [...this.#moving].sort(([, a], [, b]) => a.used - b.used);
      if (!oldest) return;
      oldest[1].moving.dispose();
      this.#moving.delete(oldest[0]);
    }
  }

  /** From the video where it is there, else from a strip of a few frames. */
  #filmed(shows: Footage, edge: Edge, t: number, moving = true): Picture | null {
    const video = moving && shows.video ? this.#videos.at(...this.#videoAt(shows, t)) : null;
    if (video) return video;
    const strip = this.#strip(shows, edge);
    if (!strip) return null;
    const frame = Math.round(t * (STRIP - 1));
    return { ...strip, u0: frame / STRIP, u1: (frame + 1) / STRIP };
  }

  #strip(shows: Footage, _edge: Edge): Picture | null {
    const url = this.#host.media.strip(shows.take, STRIP, STRIP_SIDE);
    const { takes } = this.#host.doc;
    return this.#pictures.fromUrl(`strip ${shows.take}`, url, () => takes.has(shows.take));
  }

  #videoAt(shows: Footage, t: number): [string, number] {
    const { doc, media } = this.#host;
    const rendering = doc.renderings.get(doc.takes.get(shows.take)?.rendering ?? "");
    const [count, per = "1"] = (rendering?.frame[2] ?? "24").split("/");
    const fps = Number(count) / Number(per) || 24;
    const last = (rendering?.frames ?? 2) - 1;
    // The middle of a frame's time, so that rounding never shows its neighbour.
    const seconds = (Math.round((shows.from + t * (shows.to - shows.from)) * last) + 0.5) / fps;
    return [media.blob(shows.video ?? ""), seconds];
  }

  #filmInto(shows: Footage, t: number, canvas: HTMLCanvasElement): boolean {
    return shows.video ? this.#videos.into(...this.#videoAt(shows, t), canvas) : false;
  }
}

/** What a preview of an edge is to take account of: only the built-in engine has previews. */
function asked(edge: Edge): Edge["parameters"] {
  return edge.engine === "builtin" ? edge.parameters : {};
}

function movingKey({ field, ends }: Footage, side: number): string {
  return `${side} ${field} ${ends.join(" ")}`;
}
