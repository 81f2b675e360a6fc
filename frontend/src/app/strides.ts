// How many changes one undo takes back: what hands did in one go may have been several changes for the server.

export class Strides {
  private done: string[][] = [];
  private undone: string[][] = [];
  private readonly own = new Set<string>();
  private gathering: { kind: string; stride: string[] } | null = null;

  /** Changes were made here, in one go. */
  made(ops: readonly string[]): void {
    for (const op of ops) this.own.add(op);
    this.done.push([...ops]);
    this.undone = [];
  }

  /** The server refused a change: there is nothing of it to take back. */
  refused(op: string): void {
    this.own.delete(op);
    this.done = this.done.map((ops) => ops.filter((one) => one !== op)).filter((ops) => ops.length > 0);
  }

  /** A change of this person came in: made here, by the server on our behalf, or in another tab of theirs. */
  heard(op: string, kind: string): void {
    if (this.own.delete(op)) return;
    this.undone = [];
    if (/^(Undo|Redo)/.test(kind)) this.done = [];
    else if (this.gathering?.kind === kind) {
      if (this.gathering.stride.length === 0) this.done.push(this.gathering.stride);
      this.gathering.stride.push(op);
    } else this.done.push([op]);
  }

  /** Changes of one kind that the server makes on our behalf are one stride, until what this returns is called. */
  gather(kind: string): () => void {
    const gathering = { kind, stride: [] };
    this.gathering = gathering;
    return () => {
      if (this.gathering === gathering) this.gathering = null;
    };
  }

  /** Whether an undo would take back just this. */
  isLast(ops: readonly string[]): boolean {
    const last = this.done.at(-1) ?? [];
    return last.length === ops.length && last.every((op, i) => op === ops[i]);
  }

  /** The ids for the undos to ask for now: as many as the last stride had changes, else one. */
  back(newOp: () => string): string[] {
    const stride = this.done.pop() ?? [""];
    this.undone.push(stride);
    return this.asked(stride, newOp);
  }

  /** The ids for the redos to ask for now. */
  again(newOp: () => string): string[] {
    const stride = this.undone.pop() ?? [""];
    this.done.push(stride);
    return this.asked(stride, newOp);
  }

  private asked(stride: readonly string[], newOp: () => string): string[] {
    const ops = stride.map(newOp);
    for (const op of ops) this.own.add(op);
    return ops;
  }
}
