// Asking the studio over HTTP: one method per endpoint, refusals as errors that say what to do.

import type { Budget, Engine, Estimate, LogLine, Making, Mixing, Quote, Recipe } from "../app/actions";
import type { Atlas } from "../field/host";
import type { Change } from "../model/changes";
import type { Crop, Edge, Hash, Id, Job, Node, Sequence, Table, Tables } from "../model/rows";

/** The server said no: `message` and `hint` are for people, `status` is HTTP's. */
export class Refused extends Error {
  readonly hint: string;
  readonly status: number;

  constructor(message: string, hint: string, status: number) {
    super(message);
    this.hint = hint;
    this.status = status;
  }
}

/** The server did not answer: it is gone, or the network is. */
export class Unreachable extends Error {
  readonly hint = "it is tried again as soon as the studio answers";
}

export interface Workspace {
  id: string;
  name: string;
  path: string;
  seq: number;
  version: string;
  tables: { [T in Table]: Tables[T][] };
  jobs: Job[];
  paused: boolean;
}

/** What a node became a loop with. */
export interface Looped {
  sequence: Sequence;
  node: Node;
  edges: Edge[];
}

/** A change on its way; `op_id` makes it safe to send again. */
export type Envelope = { op_id: string; base_seq: number } & Change;

export type JobAction = "cancel" | "retry" | "pause" | "resume" | "first";

interface Options {
  method?: "GET" | "POST" | "PUT";
  body?: unknown;
  /** May be sent again if the answer was lost. */
  again?: boolean;
}

export class Client {
  /** Whose changes these are: undo is per actor. */
  readonly actor: string;

  constructor(actor = "you") {
    this.actor = actor;
  }

  workspace(): Promise<Workspace> {
    return this.get("/api/workspace");
  }
  change(envelope: Envelope): Promise<{ seq: number; op_id: string; repeated: boolean }> {
    return this.post("/api/changes", envelope, true);
  }
  undo(op: string): Promise<{ seq: number }> {
    return this.post("/api/undo", { op_id: op }, true);
  }
  redo(op: string): Promise<{ seq: number }> {
    return this.post("/api/redo", { op_id: op }, true);
  }
  log(limit = 200): Promise<LogLine[]> {
    return this.get(`/api/log?limit=${limit}`);
  }
  recipe(id: Id): Promise<Recipe> {
    return this.get(`/api/recipe/${id}`);
  }
  engines(): Promise<Engine[]> {
    return this.get("/api/engines");
  }
  allowEngine(name: string, allowed: boolean): Promise<Engine[]> {
    return this.put(`/api/engines/${name}/allowed`, { allowed });
  }
  keepKey(engine: string, key: string): Promise<Engine[]> {
    return this.put(`/api/engines/${engine}/key`, { key });
  }
  keepEngineSetting(name: string, value: string): Promise<Engine[]> {
    return this.put(`/api/engine-settings/${name}`, { value });
  }
  teach(name: string, text: string): Promise<{ said: string }> {
    return this.post("/api/engine-files", { name, text }, true);
  }

  generate(
    making: Making & { prompt: string; count: number; places: readonly (readonly [number, number])[] },
  ): Promise<{ nodes: Node[] }> {
    const { prompt, count, places } = making;
    return this.post("/api/generate", { ...only(making), prompt, count, places });
  }

  vary(node: Id, making: Making & { count: number }): Promise<{ jobs: Job[] }> {
    return this.post(`/api/nodes/${node}/vary`, { ...only(making), count: making.count });
  }
  restyle(
    node: Id,
    making: Making & { prompt: string; like: Id | null; count: number },
  ): Promise<{ jobs: Job[] }> {
    const { prompt, like, count } = making;
    return this.post(`/api/nodes/${node}/restyle`, { ...only(making), prompt, like, count });
  }
  mix({ nodes, how, engine, seed }: Mixing): Promise<Node> {
    const [composition = "", style = ""] = nodes.map(({ node }) => node);
    const what = how === "blend" ? { weights: nodes } : { composition, style };
    return this.post("/api/mix", { ...what, engine, seed });
  }
  restyleEdge(edge: Id, making: Making & { prompt: string; like: Id | null }): Promise<Edge> {
    const { prompt, like } = making;
    return this.post(`/api/edges/${edge}/restyle`, { ...only(making), prompt, like });
  }
  animate(node: Id, making: Making & { seconds: number }): Promise<Edge> {
    return this.post(`/api/nodes/${node}/animate`, { ...only(making), seconds: making.seconds });
  }
  loop(node: Id, making: Making & { seconds: number }): Promise<Looped> {
    return this.post(`/api/nodes/${node}/loop`, { ...only(making), seconds: making.seconds });
  }
  /** A contact sheet around a node, or around a candidate. */
  spread(origin: Id): Promise<{ jobs: Job[] }> {
    return this.post(`/api/nodes/${origin}/spread`, {});
  }
  more(candidate: Id): Promise<{ jobs: Job[] }> {
    return this.post(`/api/candidates/${candidate}/more`, {});
  }
  crop(node: Id, crop: Crop): Promise<Node> {
    return this.post(`/api/nodes/${node}/crop`, { crop }, true);
  }
  branch(edge: Id, frame: number): Promise<Node> {
    return this.post(`/api/edges/${edge}/branch`, { frame });
  }
  take(edge: Id, making: Making): Promise<{ jobs: Job[] }> {
    return this.post(`/api/edges/${edge}/takes`, only(making));
  }
  estimate(
    operation: string,
    subject: { node?: Id; edge?: Id; seconds?: number },
    making: Making,
  ): Promise<Estimate> {
    return this.post("/api/estimate", { operation, ...subject, ...only(making) }, true);
  }
  /** The field of a transition that nobody asked to keep, as a field file. */
  async preview(
    source: Id,
    target: Id,
    engine: string,
    parameters: Record<string, unknown>,
  ): Promise<ArrayBuffer> {
    const answer = await this.ask("/api/preview", {
      method: "POST",
      body: { source, target, engine, parameters },
      again: true,
    });
    return answer.arrayBuffer();
  }
  map(by: "composition" | "style"): Promise<{ places: Record<Id, [number, number]> }> {
    return this.post("/api/map", { by }, true);
  }
  export(sequence: Id, suffix: string): Promise<{ job: Job }> {
    return this.post(`/api/sequences/${sequence}/export`, { suffix });
  }

  quote(sequence: Id, { engine, parameters }: Making): Promise<Quote> {
    return this.post(`/api/sequences/${sequence}/quote`, { engine, parameters }, true);
  }
  finish(sequence: Id, { engine, parameters }: Making, most: number): Promise<Quote> {
    return this.post(`/api/sequences/${sequence}/finish`, { engine, parameters, most });
  }

  jobs(): Promise<{ jobs: Job[]; paused: boolean }> {
    return this.get("/api/jobs");
  }
  job(action: JobAction, names: readonly Id[]): Promise<{ jobs: Job[] }> {
    return this.post("/api/jobs", { action, names }, true);
  }
  budget(): Promise<Budget> {
    return this.get("/api/budget");
  }
  setBudget(total: number, perRequest: number | null): Promise<unknown> {
    const amounts = perRequest === null ? [total] : [total, perRequest];
    return this.post("/api/jobs", { action: "budget", names: amounts.map(String) }, true);
  }
  look(subjects: readonly Id[]): Promise<unknown> {
    return this.post("/api/jobs/look", { subjects }, true);
  }
  atlas(): Promise<Atlas> {
    return this.get("/api/atlas");
  }

  private get<T>(path: string): Promise<T> {
    return this.json(path, { again: true });
  }
  private post<T>(path: string, body: unknown, again = false): Promise<T> {
    return this.json(path, { method: "POST", body, again });
  }
  private put<T>(path: string, body: unknown): Promise<T> {
    return this.json(path, { method: "PUT", body, again: true });
  }
  private async json<T>(path: string, options: Options): Promise<T> {
    const answer = await this.ask(path, options);
    return (await answer.json()) as T;
  }

  private async ask(path: string, { method = "GET", body, again = false }: Options): Promise<Response> {
    const request: RequestInit = {
      method,
      credentials: "same-origin",
      headers: {
        "X-Forkframe-Actor": encodeURIComponent(this.actor),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const answer = await fetch(path, request).catch((first: unknown) => {
      if (!again) throw unreachable(first);
      return fetch(path, request).catch((second: unknown) => {
        throw unreachable(second);
      });
    });
    if (!answer.ok) throw await refusal(answer.status, () => answer.json());
    return answer;
  }
}

/** Where media lies, as the canvas asks for it. */
export const mediaUrls = {
  pixels: (hash: Hash, side: number) => `/api/pixels/${hash}?side=${side}`,
  blob: (hash: Hash) => `/api/media/${hash}`,
  strip: (take: Id, count: number, side: number) => `/api/strips/${take}?count=${count}&side=${side}`,
  film: (job: Id) => `/api/films/${job}`,
  jobPreview: (job: Id) => `/api/jobs/${job}/preview`,
};

/** An answer that is no success, as an error: the server's own words where it had some. */
export async function refusal(status: number, body: () => unknown): Promise<Refused> {
  const said = await Promise.resolve()
    .then(body)
    .catch(() => null);
  const { error, hint } = (said ?? {}) as { error?: unknown; hint?: unknown };
  return new Refused(
    typeof error === "string" && error ? error : `the studio answered ${status}`,
    typeof hint === "string" ? hint : "",
    status,
  );
}

/** The server refuses fields that it does not know. */
function only({ engine, parameters, seed }: Making): Making {
  return { engine, parameters, seed };
}

function unreachable(cause: unknown): Unreachable {
  return new Unreachable("the studio does not answer", { cause });
}
