// Pictures on their way in: placeholders at once, three sent at a time, what is no picture named and left out.

import { Refused, Unreachable } from "../api/client";
import { upload } from "../api/upload";
import type { Arrival, Point } from "../field/host";
import { cardSize } from "../model/derive";
import { boxAt, freeShift, freeSpots, GAP, grid, occupied } from "../model/places";
import type { Id, Node } from "../model/rows";
import type { Actions } from "./actions";
import type { Core } from "./core";

const AT_ONCE = 3;
/** How long the word of the live line is waited for after a picture was sent. */
const LANDING_MS = 3000;
/** How long a card that says why it failed stays. */
const FAILED_MS = 6000;
const SHOWN = /^image\/(png|jpeg|webp|gif|avif|bmp|svg\+xml)$/;
const PICTURES = /\.(jpe?g|png|webp|gif|avif|heic|heif|tiff?|bmp|jp2|jxl)$/i;
const MOST_NAMED = 6;

export interface Arrivals {
  /** Something will lie there: a card with a bar until it has landed. */
  expect(name: string, at: Point, preview?: string | null): string;
  landed(key: string, node: Id | null): Promise<void>;
}

export interface PictureActions extends Pick<Actions, "bring" | "chooseFiles"> {
  readonly arrivals: Arrivals;
}

interface Sending {
  key: string;
  file: File;
  at: Point;
}

/** How long a picture that has landed can still be had from its file. */
const SEEN_MS = 10_000;

/** `teach`: gives a file that is no picture to an engine. */
export function pictureActions(core: Core, teach: (file: File) => unknown): PictureActions {
  const { store, doc, client, changes, toasts } = core;
  let count = 0;

  function update(key: string, values: Partial<Arrival>): void {
    store.set({ arrivals: store.now.arrivals.map((one) => (one.key === key ? { ...one, ...values } : one)) });
  }

  function drop(key: string): void {
    const preview = store.now.arrivals.find((one) => one.key === key)?.preview;
    // The canvas may just be fetching it.
    if (preview) setTimeout(() => URL.revokeObjectURL(preview), SEEN_MS);
    store.set({ arrivals: store.now.arrivals.filter((one) => one.key !== key) });
  }

  const arrivals: Arrivals = {
    expect(name, at, preview = null) {
      count += 1;
      const arrival = { key: `arrival-${count}`, name, at, share: 0, preview, failure: "" };
      store.set({ arrivals: [...store.now.arrivals, arrival] });
      return arrival.key;
    },
    /** The card stays until the node is there, so that nothing blinks. */
    async landed(key, node) {
      update(key, { share: 1 });
      if (node) await until(() => doc.nodes.has(node), core, LANDING_MS);
      drop(key);
    },
  };

  async function send({ key, file, at }: Sending, again = true): Promise<Node | Refused | Unreachable> {
    let share = 0;
    try {
      const onShare = (now: number) => {
        share = now;
        update(key, { share: now });
      };
      const [node] = await upload({ file, name: file.name, ...at, actor: client.actor, onShare });
      await arrivals.landed(key, node?.id ?? null);
      return node ?? new Refused("nothing came of it", "", 500);
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
      // What was not sent whole is not there: it may be sent again.
      if (error instanceof Unreachable && again && share < 1) {
        await until(() => store.ui.connected === "live", core, Number.POSITIVE_INFINITY);
        return send({ key, file, at }, false);
      }
      update(key, { failure: named(file, error) });
      setTimeout(() => drop(key), FAILED_MS);
      return error;
    }
  }

  function places(many: number, at: Point | null): Point[] {
    const card = cardSize(doc.settings);
    const taken = [...occupied(doc), ...store.now.arrivals.map((one) => boxAt(one.at, card))];
    if (at && many === 1) return [at];
    const centre = at ?? core.view()?.centre() ?? { x: 0, y: 0 };
    if (many === 1) return freeSpots(centre, 1, card, taken);
    const spots = grid(centre, many, card);
    const aside = freeShift(
      spots.map((spot) => boxAt(spot, card)),
      taken,
      { x: (card.width + GAP) / 2, y: (card.height + GAP) / 2 },
    );
    return spots.map((spot) => ({ x: Math.round(spot.x + aside.x), y: Math.round(spot.y + aside.y) }));
  }

  /** What was put where there was room is brought into view, with its names. */
  function show(spots: readonly Point[]): void {
    if (spots.length === 0) return;
    const card = cardSize(doc.settings);
    const [xs, ys] = [spots.map(({ x }) => x), spots.map(({ y }) => y)];
    const { x, y } = boxAt({ x: Math.min(...xs), y: Math.min(...ys) }, card);
    const [wide, high] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
    core.view()?.reveal({ x, y, width: wide + card.width, height: high + card.height + GAP / 2 });
  }

  async function bring(files: readonly File[], at: Point | null): Promise<void> {
    const lessons = files.filter(({ name }) => /\.json$/i.test(name));
    for (const lesson of lessons) void teach(lesson);
    const seen = files.filter((file) => !file.name.startsWith(".") && !lessons.includes(file));
    const pictures = seen.filter(isPicture);
    const others = seen.filter((file) => !isPicture(file)).map((file) => file.name);
    if (others.length > 0) {
      const text =
        others.length === 1 ? `${others[0]} is no picture` : `${others.length} files are no pictures`;
      toasts.say("bad", text, { hint: others.length === 1 ? "" : listed(others) });
    }
    const spots = places(pictures.length, at);
    const waiting = pictures.map((file, i): Sending => {
      const spot = spots[i] ?? { x: 0, y: 0 };
      const preview = SHOWN.test(file.type) ? URL.createObjectURL(file) : null;
      return { file, at: spot, key: arrivals.expect(file.name, spot, preview) };
    });
    const gathered = changes.strides.gather("AddNodes");
    const done: { file: File; result: Node | Refused | Unreachable }[] = [];
    const sendNext = async (): Promise<void> => {
      const next = waiting.shift();
      if (!next) return;
      done.push({ file: next.file, result: await send(next) });
      await sendNext();
    };
    // The first picture of all proposes the workspace's aspect: it goes ahead alone, and the others make room for it.
    const [first] = doc.settings?.frame ? [] : waiting.splice(0, 1);
    if (first) {
      done.push({ file: first.file, result: await send(first) });
      const [origin, ...others] = grid({ x: 0, y: 0 }, pictures.length, cardSize(doc.settings));
      for (const [i, one] of waiting.entries()) {
        const [spot, from] = [others[i] ?? one.at, origin ?? first.at];
        one.at = { x: first.at.x + spot.x - from.x, y: first.at.y + spot.y - from.y };
        update(one.key, { at: one.at });
      }
    }
    if (!at) show(waiting.map((one) => one.at));
    await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
    gathered();
    report(done);
  }

  function report(done: readonly { file: File; result: Node | Refused | Unreachable }[]): void {
    const failed = done.flatMap(({ file, result }) =>
      result instanceof Error ? [{ file, error: result }] : [],
    );
    const [first] = failed;
    if (!first) return;
    if (failed.length === 1) {
      toasts.say("bad", named(first.file, first.error), { hint: first.error.hint });
      return;
    }
    toasts.say("bad", `${failed.length} of ${done.length} pictures did not come in`, {
      hint: listed(failed.map(({ file, error }) => named(file, error))),
    });
  }

  return {
    arrivals,
    bring,
    chooseFiles(at) {
      const input = document.createElement("input");
      input.type = "file";
      input.multiple = true;
      input.accept = "image/*,.heic,.heif";
      input.onchange = () => void bring([...(input.files ?? [])], at ?? null);
      input.click();
    },
  };
}

/** By what the browser says it is, else by its name. */
function isPicture(file: File): boolean {
  return (
    file.type.startsWith("image/") || (!/^(text|video|audio)\//.test(file.type) && PICTURES.test(file.name))
  );
}

/** What is wrong with a file, its name said once: the studio calls it by its name without the suffix. */
function named({ name }: File, { message }: Error): string {
  const stem = name.replace(/(?!^)\.[^.]*$/, "");
  const said = [name, stem].find((one) => message.startsWith(`${one} `));
  return said === undefined ? `${name}: ${message}` : name + message.slice(said.length);
}

function listed(lines: readonly string[]): string {
  const more = lines.length - MOST_NAMED;
  return [...lines.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** Resolves when something has come true in the store, or after `most` milliseconds. */
function until(isTrue: () => boolean, { store }: Pick<Core, "store">, most: number): Promise<void> {
  if (isTrue()) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      if (timer) clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = Number.isFinite(most) ? setTimeout(end, most) : null;
    const stop = store.subscribe(() => {
      if (isTrue()) end();
    });
  });
}
