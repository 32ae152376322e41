import type { Input } from "@testudo/core/model/Input";

/** One queue before the pipeline. What people and our own jobs say goes before the next block, and pending transactions after those that are here. */
export interface Mailbox {
  /** For people and jobs. Never waits. */
  push(input: Input): void;
  /** The same, for whoever has to know: true once the input and what follows from it are stored, false if the mailbox closes before. */
  deliver(input: Input): Promise<boolean>;
  /** The loop has stored what came of `input`. */
  settle(input: Input): void;
  /** For the stream: resolves when the loop has taken the input, so that a slow loop slows the stream down. */
  offer(input: Input): Promise<void>;
  /** The next input; waits for one. Undefined once the mailbox is closed and empty. */
  take(): Promise<Input | undefined>;
  /** What the stream offers next, if it is there already, `isWanted` says so, and nobody else has said anything. */
  takeIf(isWanted: (input: Input) => boolean): Input | undefined;
  /** What people and jobs have said next, if they have; no pending transaction. */
  takeSaid(): Input | undefined;
  /** Resolves as soon as people or jobs have said something, and when it closes. */
  said(): Promise<void>;
  close(): void;
}

export function openMailbox(): Mailbox {
  const pushed: Input[] = [];
  // Whoever shows one pays nothing for what it takes to judge it: no block that is here waits for that.
  const pending: Input[] = [];
  const awaited = new Map<Input, (isStored: boolean) => void>();
  const offered: { readonly input: Input; readonly taken: () => void }[] = [];
  let wake: (() => void) | undefined;
  let closed = false;
  let hearing: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  const ring = () => {
    wake?.();
    wake = undefined;
  };
  const ringSaid = () => {
    hearing?.resolve();
    hearing = undefined;
    ring();
  };
  const add = (input: Input) => {
    if (input.kind !== "pending") {
      pushed.push(input);
      ringSaid();
      return;
    }
    pending.push(input);
    ring();
  };
  return {
    push: add,
    deliver(input) {
      if (closed) return Promise.resolve(false);
      return new Promise((resolve) => {
        awaited.set(input, resolve);
        add(input);
      });
    },
    settle(input) {
      awaited.get(input)?.(true);
      awaited.delete(input);
    },
    offer(input) {
      if (closed) return Promise.resolve();
      return new Promise((taken) => {
        offered.push({ input, taken });
        ring();
      });
    },
    async take() {
      for (;;) {
        const mine = pushed.shift();
        if (mine !== undefined) return mine;
        const next = closed ? undefined : offered.shift();
        if (next !== undefined) {
          next.taken();
          return next.input;
        }
        const last = pending.shift();
        if (last !== undefined) return last;
        if (closed) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    takeIf(isWanted) {
      const [next] = offered;
      if (closed || pushed.length > 0 || next === undefined || !isWanted(next.input)) return undefined;
      offered.shift();
      next.taken();
      return next.input;
    },
    takeSaid: () => pushed.shift(),
    said() {
      if (pushed.length > 0) return Promise.resolve();
      hearing ??= openPromise();
      return hearing.promise;
    },
    close() {
      closed = true;
      for (const { taken } of offered.splice(0)) taken();
      // Nobody may take these for stored. Those that the loop still takes are stored all the same; telling them again is harmless.
      for (const resolve of awaited.values()) resolve(false);
      awaited.clear();
      ringSaid();
    },
  };
}

function openPromise() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
