// The loop around `step`: gives it one input after the other, answers its reads, stores what it commits and only then
// lets its commands loose. Whatever happens before a commit is stored has not happened.
import type { Foresight } from "@testudo/chain/readAhead";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Input } from "@testudo/core/model/Input";
import type { Command, Commit, Foretold, Output } from "@testudo/core/model/Output";
import { keyOfRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import type { Mailbox } from "./mailbox.ts";
import type { Stepper } from "./stepper.ts";

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

  const flush = async (): Promise<void> => {
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

  const take = async (input: Input): Promise<void> => {
    const foresight = input.kind === "block" ? await options.foresee?.(input.bundle.ref) : undefined;
    let outputs = await options.stepper.step(input, foresight);
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
    if (input.kind === "block") isHistory = input.phase === "history";
    const mayWait = isHistory && (input.kind === "block" || input.kind === "finalize");
    if (mayWait && gathered.length < historyBatch) return;
    await flush();
    options.mailbox.settle(input);
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

function askOf(outputs: readonly Output[]): Extract<Output, { kind: "ask" }> | undefined {
  const [first] = outputs;
  return first?.kind === "ask" ? first : undefined;
}
