// The loop around `step`: gives it one input after the other, answers its reads, stores what it commits and only then
// lets its commands loose. Whatever happens before a commit is stored has not happened.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Input } from "@testudo/core/model/Input";
import type { Command, Commit, Foretold, Output } from "@testudo/core/model/Output";
import { keyOfRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import { endedBy } from "../../store/writeCommands.ts";
import { isOfHistory, makeIntake, type Seer } from "./Intake.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Foreseen, Stepper } from "./stepper.ts";

/** What the loop needs from outside. */
export interface DriveOptions {
  readonly stepper: Stepper;
  readonly mailbox: Mailbox;
  readonly stream: AsyncIterable<ChainEvent | StreamTrouble>;
  /** Answers reads at a block; retries by itself while nodes are away. */
  readonly answer: (ref: BlockRef, reads: readonly StateRead[]) => Promise<readonly StateAnswer[]>;
  /** Who knows what blocks will ask for. */
  readonly seer?: Seer;
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
  const intake = makeIntake(options.mailbox, options.seer);
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
    // What ended or took effect within the batch must not be begun; the store keeps no command of it either.
    const over = endedBy(batch.map(({ commit }) => commit));
    for (const order of orders)
      if (order.kind === "derive" || !over.get(order.action.id)?.includes(order.kind)) options.run(order);
  };

  // One transaction after the other, in the order of judging; the first that fails ends all.
  let storing: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    storing = storing.then(storeGathered);
    return storing;
  };

  /** False where it was stopped before the answers came: what was judged without them is judged again after a restart. */
  const gather = async (input: Input, stepped: readonly Output[]): Promise<boolean> => {
    let outputs = stepped;
    for (let ask = askOf(outputs); ask !== undefined; ask = askOf(outputs)) {
      const answers = await options.answer(ask.ref, ask.reads);
      if (options.signal.aborted) return false;
      const keyed = ask.reads.map((read, i) => [keyOfRead(read), answers[i]!] as const);
      outputs = await options.stepper.step({ kind: "reads", blockHash: ask.ref.hash, answers: keyed });
    }
    for (const output of outputs) {
      if (output.kind === "commit")
        gathered.push({ commit: output, ...(input.kind === "block" ? { receivedAtMs: input.receivedAtMs } : {}) });
      else if (output.kind === "foretold") options.onForetold?.(output);
      else if (output.kind !== "ask") commands.push(output);
    }
    return true;
  };

  /** False where it was stopped in between: then there is nothing that could follow. */
  const judge = async (taken: readonly Foreseen[]): Promise<boolean> => {
    const first = taken[0]!.input;
    let steps = taken;
    while (steps.length > 0) {
      const [{ input, foresight }, ...others] = steps as [Foreseen, ...Foreseen[]];
      const { stepper } = options;
      const stepped = others.length > 0 ? await stepper.stepMany(steps) : [await stepper.step(input, foresight)];
      for (const [i, outputs] of stepped.entries()) {
        if (isOfHistory(steps[i]!.input)) intake.note(askOf(outputs) !== undefined);
        if (!(await gather(steps[i]!.input, outputs))) return false;
      }
      steps = steps.slice(stepped.length);
    }
    if (first.kind === "block") isHistory = first.phase === "history";
    const mayWait = isHistory && (first.kind === "block" || first.kind === "finalize");
    if (mayWait && gathered.length < historyBatch) return true;
    if (mayWait) await storeBeside();
    else {
      await flush();
      options.mailbox.settle(first);
    }
    return true;
  };

  /** What `ahead` takes; while that is looked up, what people say is judged before it. */
  const takeAhead = async (
    ahead: Promise<readonly Foreseen[] | undefined>,
  ): Promise<readonly Foreseen[] | undefined> => {
    const { mailbox } = options;
    let isTaken = false;
    const taking = ahead.finally(() => {
      isTaken = true;
    });
    // Whoever stops does not wait for it.
    taking.catch(() => {});
    while (!options.signal.aborted) {
      for (let said = mailbox.takeSaid(); said !== undefined; said = mailbox.takeSaid())
        if (!(await judge([{ input: said }]))) return undefined;
      if (isTaken) return taking;
      await Promise.race([taking, mailbox.said()]);
    }
    // Who stops has no wish for them; they come again.
    return undefined;
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
      for (let steps = await intake.next(); steps !== undefined; ) {
        const judged = judge(steps);
        // Blocks of history that are here already are looked up while others are judged.
        const ahead = steps.every(({ input }) => isOfHistory(input)) ? intake.ahead() : undefined;
        ahead?.catch(() => {});
        if (!(await judged)) break;
        const taken = ahead && (await takeAhead(ahead));
        steps = taken ?? (await intake.next());
      }
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
