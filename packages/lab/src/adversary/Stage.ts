// The engine as a search uses it: at a state, which calls lead to, calls are tried and taken back.
import type { Batch, BatchMessage } from "@testudo/evm/Batch";
import type { Engine } from "@testudo/evm/openEngine";
import type { Call } from "./Call.ts";

/** A state that a search comes back to: the calls that lead to it. */
export interface State {
  readonly calls: readonly Call[];
}

export interface Stage {
  readonly engine: Engine;
  /** Results of the last run. */
  readonly batch: Batch;
  /** How many calls have run since the begin. */
  readonly count: number;
  /** Goes to a state; later runs begin there. */
  enter(state: State): void;
  /** Adds a call to the batch that runs next; gives its number. */
  add(call: Call, rest: Rest): number;
  /** Adds a call whose call data may still be changed in place, until the next is added: its values, and nothing else. */
  addVariant(call: Call, rest: Rest): Uint8Array;
  /** The call with this number in the batch, with the call data that it had there. */
  callAt(index: number): Call;
  /** The number of the first call of its group, which began at the state that was entered. */
  firstOf(index: number): number;
  /** Empties the batch. */
  clear(): void;
  /** Runs the batch. What it does not take back stays until the next `enter`. */
  run(): void;
  /** Whether the last run made this call: one whose state is not there yet may be put off. */
  ran(index: number): boolean;
}

export interface Rest {
  readonly takesBack?: "itself" | "batch";
  readonly keepsComparisons?: "always" | "never";
  readonly wantsOutput?: boolean;
}

/** What a call may burn: a loop without an end costs time, and no contract needs more. */
export const gasOfCall = 12_500_000n;

/** A stage on the engine's state as it is now; `gasOf` gives what a call may burn. */
export function openStage(engine: Engine, gasOf: (call: Call) => bigint = () => gasOfCall): Stage {
  const base = engine.snapshot();
  const batch = engine.openBatch();
  // What was added, and where its group begins.
  let calls: Call[] = [];
  let firsts: number[] = [];
  let lastRest: Rest | undefined;
  let count = 0;
  let isMoved = false;
  let here: State | undefined;

  /** A search mostly tries variants of one call, of which all but the call data is the same. */
  function addMessage(call: Call, rest: Rest): number {
    const last = batch.length - 1;
    firsts.push(last < 0 || lastRest!.takesBack !== undefined ? last + 1 : firsts[last]!);
    const index =
      calls[last] === call && lastRest === rest ? batch.addAgain(last) : batch.add(messageOf(call, rest, gasOf(call)));
    calls.push(call);
    lastRest = rest;
    return index;
  }
  function addVariant(call: Call, rest: Rest): Uint8Array {
    const input = batch.input(addMessage(call, rest));
    input.set(call.input);
    return input;
  }
  function add(call: Call, rest: Rest): number {
    addVariant(call, rest);
    return batch.length - 1;
  }
  function clear(): void {
    batch.clear();
    calls = [];
    firsts = [];
  }
  function run(): void {
    batch.run();
    count += batch.length;
  }
  return {
    engine,
    batch,
    get count() {
      return count;
    },
    enter(state) {
      if (here === state && !isMoved) return;
      // Should a call on the way fail to run, this is no state that was entered.
      here = undefined;
      engine.rollback(base);
      clear();
      for (const call of state.calls) add(call, {});
      if (state.calls.length > 0) run();
      clear();
      here = state;
      isMoved = false;
    },
    add,
    addVariant,
    callAt: (index) => ({ ...calls[index]!, input: batch.input(index).slice() }),
    firstOf: (index) => firsts[index]!,
    clear,
    run() {
      const before = engine.snapshot();
      run();
      if (engine.snapshot() !== before) isMoved = true;
    },
    ran: () => true,
  };
}

function messageOf({ callable, from, value, seconds, input }: Call, rest: Rest, gas: bigint): BatchMessage {
  return { from, to: callable.to, value, seconds, gas, inputLength: input.length, ...rest };
}
