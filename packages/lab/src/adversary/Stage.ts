// The engine as a search uses it: at a state, which calls lead to, calls are tried and taken back.
import type { Batch } from "@testudo/evm/Batch";
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
  /** Adds a call whose input is still to be written; zeros stand there. */
  addEmpty(call: Call, rest: Rest): Uint8Array;
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
  let count = 0;
  let isMoved = false;
  let here: State | undefined;

  function addMessage(call: Call, rest: Rest): number {
    const { callable, from, value, seconds, input } = call;
    return batch.add({ from, to: callable.to, value, seconds, gas: gasOf(call), inputLength: input.length, ...rest });
  }
  function add(call: Call, rest: Rest): number {
    const index = addMessage(call, rest);
    batch.input(index).set(call.input);
    return index;
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
      batch.clear();
      for (const call of state.calls) add(call, {});
      if (state.calls.length > 0) run();
      batch.clear();
      here = state;
      isMoved = false;
    },
    add,
    addEmpty: (call, rest) => batch.input(addMessage(call, rest)),
    clear: () => batch.clear(),
    run() {
      const before = engine.snapshot();
      run();
      if (engine.snapshot() !== before) isMoved = true;
    },
    ran: () => true,
  };
}
