// The loop around `step`: gives it one input after the other, answers its reads, stores what it commits and only then
// lets its commands loose. Whatever happens before a commit is stored has not happened.
import type { Foresight } from "@testudo/chain/readAhead";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Input } from "@testudo/core/model/Input";
import type { Command, Commit, Foretold, Output } from "@testudo/core/model/Output";
import { keyOfRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import type { Mailbox } from "./mailbox.ts";
import type { Foreseen, Stepper } from "./stepper.ts";

/** What the loop needs from outside. */
export interface DriveOptions {
  readonly stepper: Stepper;
  readonly mailbox: Mailbox;
  readonly stream: AsyncIterable<ChainEvent | StreamTrouble>;
  /** Answers reads at a block; retries by itself while nodes are away. */
  readonly answer: (ref: BlockRef, reads: readonly StateRead[]) => Promise<readonly StateAnswer[]>;
  /** What is known of a block before it asks. */
  readonly foresee?: (ref: BlockRef) => Promise<Foresight | undefined>;
  /** Stores commits and commands in one transaction; resolves when they are durable. */
  readonly store: (commits: readonly Commit[], commands: readonly Command[]) => Promise<void>;
  /** Told of each stored commit, with when its block was received (ms) and when it was durable. */
  readonly onStored: (commit: Commit, times: { readonly receivedAtMs?: number; readonly storedAtMs: number }) => void;
  readonly run: (command: Command) => void;
  /** Told what the detectors say of a pending transaction. */
  readonly onForetold?: (foretold: Foretold) => void;
  readonly signal: AbortSignal;
}

// Blocks of history are stored together; one transaction for each would cost more than judging them.
const historyBatch = 100;
// Blocks of history go to the detectors several at a time: the way to their thread and back is as long for many as for one.
const historyTogether = 8;

interface Gathered {
  readonly commit: Commit;
  readonly receivedAtMs?: number;
}

/** The loop, and what has been judged but not stored yet. */
export interface Drive {
  /** Runs until the stream ends or the signal fires. */
  readonly done: Promise<void>;
  /** Stores what is gathered. The stepper calls it before it asks for the stored state. */
  flush(): Promise<void>;
}

export function drive(options: DriveOptions): Drive {
  const gathered: Gathered[] = [];
  const commands: Command[] = [];
  // Finality told in between is of history too.
  let isHistory = false;

  const storeGathered = async (): Promise<void> => {
    if (gathered.length === 0) return;
    const batch = gathered.splice(0);
    const orders = commands.splice(0);
    await options.store(
      batch.map(({ commit }) => commit),
      orders,
    );
    const storedAtMs = Date.now();
    for (const { commit, receivedAtMs } of batch)
      options.onStored(commit, { storedAtMs, ...(receivedAtMs === undefined ? {} : { receivedAtMs }) });
    for (const order of orders) options.run(order);
  };

  // One transaction after the other, in the order of judging; the first that fails ends all.
  let storing: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    storing = storing.then(storeGathered);
    return storing;
  };

  const gather = async (input: Input, stepped: readonly Output[]): Promise<void> => {
    let outputs = stepped;
    for (let ask = askOf(outputs); ask !== undefined; ask = askOf(outputs)) {
      const answers = await options.answer(ask.ref, ask.reads);
      const keyed = ask.reads.map((read, i) => [keyOfRead(read), answers[i]!] as const);
      outputs = await options.stepper.step({ kind: "reads", blockHash: ask.ref.hash, answers: keyed });
    }
    for (const output of outputs) {
      if (output.kind === "commit")
        gathered.push({ commit: output, ...(input.kind === "block" ? { receivedAtMs: input.receivedAtMs } : {}) });
      else if (output.kind === "foretold") options.onForetold?.(output);
      else if (output.kind !== "ask") commands.push(output);
    }
  };

  const foresee = async (input: Input): Promise<Foreseen> => ({
    input,
    foresight: input.kind === "block" ? await options.foresee?.(input.bundle.ref) : undefined,
  });

  /** `first` and the blocks of history after it that are here, as far as it is known what they will ask. */
  const withFollowers = async (first: Input): Promise<readonly Foreseen[]> => {
    const steps = [await foresee(first)];
    while (isOfHistory(first) && steps.at(-1)!.foresight !== undefined && steps.length < historyTogether) {
      // The stream is heard between two blocks.
      await new Promise(setImmediate);
      const next = options.mailbox.takeIf(isOfHistory);
      if (next === undefined) break;
      steps.push(await foresee(next));
    }
    return steps;
  };

  const take = async (first: Input): Promise<void> => {
    let steps = await withFollowers(first);
    while (steps.length > 0) {
      const [{ input, foresight }, ...others] = steps as [Foreseen, ...Foreseen[]];
      const { stepper } = options;
      const stepped = others.length > 0 ? await stepper.stepMany(steps) : [await stepper.step(input, foresight)];
      for (const [i, outputs] of stepped.entries()) await gather(steps[i]!.input, outputs);
      steps = steps.slice(stepped.length);
    }
    if (first.kind === "block") isHistory = first.phase === "history";
    const mayWait = isHistory && (first.kind === "block" || first.kind === "finalize");
    if (mayWait && gathered.length < historyBatch) return;
    if (mayWait) return storeBeside();
    await flush();
    options.mailbox.settle(first);
  };

  // The next blocks of history are judged meanwhile, but no more than another batch of them.
  const storeBeside = async (): Promise<void> => {
    await storing;
    flush().catch(() => {});
  };

  const pump = async (): Promise<void> => {
    for await (const event of options.stream) {
      await options.mailbox.offer(event);
      if (options.signal.aborted) break;
    }
  };

  const loop = async (): Promise<void> => {
    const { mailbox, signal } = options;
    signal.addEventListener("abort", () => mailbox.close(), { once: true });
    if (signal.aborted) mailbox.close();
    let broken: unknown;
    const pumping = pump()
      .catch((error: unknown) => {
        broken = error;
      })
      .finally(() => mailbox.close());
    try {
      for (let input = await mailbox.take(); input !== undefined; input = await mailbox.take()) await take(input);
      await flush();
    } finally {
      mailbox.close();
    }
    await pumping;
    if (broken !== undefined) throw broken;
  };
  return { done: loop(), flush };
}

function isOfHistory(input: Input): boolean {
  return input.kind === "block" && input.phase === "history";
}

function askOf(outputs: readonly Output[]): Extract<Output, { kind: "ask" }> | undefined {
  const [first] = outputs;
  return first?.kind === "ask" ? first : undefined;
}
