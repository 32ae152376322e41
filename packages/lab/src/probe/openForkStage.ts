// A stage on a state that is not all there. A call that misses some is put off, and told, while the others go on; and a turn
// has so much gas, so that no contract makes it long.
import type { Address, Hex } from "@testudo/core/model/Hex";
import { type Batch, BatchMissesState } from "@testudo/evm/Batch";
import type { Miss } from "@testudo/evm/Miss";
import type { Engine } from "@testudo/evm/openEngine";
import type { Call } from "../adversary/Call.ts";
import { openStage, type Rest, type Stage, type State } from "../adversary/Stage.ts";

/** Calls to be made from a state. */
export interface Sequence {
  readonly state: State;
  readonly calls: readonly Call[];
  /** They ran out of what a guess may burn, and may burn the most. */
  readonly isFed?: boolean;
}

/** Calls whose last one misses state. */
export interface PutOff extends Sequence {
  readonly miss: Miss;
}

export interface ForkStage extends Stage {
  /** Begins a turn: calls may burn `gasOfCall` each, and `gas` in all and what the batch that ends it burns. */
  refill(gas: number, gasOfCall: bigint): void;
  /** Gas that was burnt since the begin. */
  readonly burnt: number;
  /** The turn has burnt its gas: nothing runs until the next. */
  readonly isSpent: boolean;
  /** What was put off since it was last asked. */
  takePutOff(): readonly PutOff[];
  /** What ran something new and then out of gas, since it was last asked; a few in all. */
  takeHungry(): readonly Sequence[];
  /** What succeeded in a new way and was not taken yet: that whose last call burnt most. Undefined for nothing. */
  takeArrival(): readonly Call[] | undefined;
  /** Selectors of calls that succeeded. */
  readonly reached: ReadonlySet<Hex>;
}

interface Arrival {
  readonly calls: readonly Call[];
  readonly gas: bigint;
}

/** Arrivals that wait; of more the cheapest are forgotten. */
const mostArrivals = 64;

interface Added {
  readonly call: Call;
  readonly rest: Rest;
}

/** What a call costs beside its gas, in gas: even one that ends at once takes time. */
const gasBesides = 2_000;

/** Sequences that may ask for more gas; a contract that burns all of it is not worth more. */
const mostHungry = 64;

/**
 * A stage on the engine's state; `nobody` is an account in it without code, and calls of `trusted` always get `mostGas`, as do
 * those that lead to a state.
 */
export function openForkStage(engine: Engine, nobody: Address, trusted: Address, mostGas: bigint): ForkStage {
  let [left, burnt, gasOfCall] = [0, 0, 0n];
  const base = openStage(engine, ({ callable }) => (callable.to === trusted ? mostGas : gasOfCall));
  const { batch } = base;
  const reached = new Set<Hex>();
  const muted = new Set<number>();
  let putOff: PutOff[] = [];
  let hungry: Sequence[] = [];
  // The one that burnt most comes last.
  const arrivals: Arrival[] = [];
  let fed = 0;
  let here: State = { calls: [] };
  let added: Added[] = [];

  function forget(): void {
    added = [];
    muted.clear();
  }

  function note(call: Call, rest: Rest): void {
    added.push({ call, rest });
  }

  function runAll(): void {
    for (;;) {
      try {
        base.run();
        return;
      } catch (error) {
        if (!(error instanceof BatchMissesState) || muted.has(error.index)) throw error;
        const isFed = gasOfCall >= mostGas;
        putOff.push({ state: here, calls: groupUpTo(added, error.index, batch), miss: error.miss, isFed });
        muted.add(error.index);
        batch.mute(error.index, nobody);
      }
    }
  }

  /** Counts what the first messages of the last run burnt. */
  function account(count: number): void {
    for (let i = 0; i < count; i++) {
      const gas = Number(batch.gasUsed(i));
      burnt += gas;
      left -= gas + gasBesides;
    }
  }

  function sort(): void {
    for (const [i, { call }] of added.entries()) {
      if (muted.has(i)) continue;
      if (batch.succeeded(i)) {
        reached.add(call.callable.selector);
        if (call.callable.to !== trusted && batch.found(i) > 0) arrive(i);
      } else if (isHungry(batch.gasUsed(i), i))
        hungry.push({ state: here, calls: groupUpTo(added, i, batch), isFed: true });
    }
  }

  function arrive(index: number): void {
    const calls = [...here.calls, ...groupUpTo(added, index, batch)];
    arrivals.push({ calls, gas: batch.gasUsed(index) });
    arrivals.sort((a, b) => Number(a.gas - b.gas));
    if (arrivals.length > mostArrivals) arrivals.shift();
  }

  /** Goes to `here`. Calls on the way have run already, with as much gas as they needed. */
  function enter(): void {
    const [kept, count] = [gasOfCall, base.count];
    gasOfCall = mostGas;
    try {
      base.enter(here);
      // An empty batch still tells what its last run gave.
      account(base.count - count);
    } catch (error) {
      if (!(error instanceof BatchMissesState)) throw error;
      putOff.push({ state: { calls: [] }, calls: here.calls.slice(0, error.index + 1), miss: error.miss });
      throw new TurnSpent();
    } finally {
      gasOfCall = kept;
    }
  }

  // Whoever calls on keeps a sixty-fourth back, and reverts where the rest was not enough.
  function isHungry(gas: bigint, index: number): boolean {
    if (gasOfCall >= mostGas || gas * 16n < gasOfCall * 15n || batch.found(index) === 0) return false;
    return fed++ < mostHungry;
  }

  return {
    engine,
    batch,
    reached,
    get burnt() {
      return burnt;
    },
    get isSpent() {
      return left <= 0;
    },
    get count() {
      return base.count;
    },
    enter(state) {
      if (left <= 0) throw new TurnSpent();
      here = state;
      forget();
      enter();
    },
    add(call, rest) {
      note(call, rest);
      return base.add(call, rest);
    },
    addVariant(call, rest) {
      note(call, rest);
      return base.addVariant(call, rest);
    },
    callAt: base.callAt,
    firstOf: base.firstOf,
    clear() {
      forget();
      base.clear();
    },
    run() {
      if (left <= 0) throw new TurnSpent();
      runAll();
      account(added.length);
      sort();
    },
    ran: (index) => !muted.has(index),
    refill(gas, ofCall) {
      left = gas;
      gasOfCall = ofCall;
    },
    takePutOff() {
      const all = putOff;
      putOff = [];
      return all;
    },
    takeArrival: () => arrivals.pop()?.calls,
    takeHungry() {
      const all = hungry;
      hungry = [];
      return all;
    },
  };
}

/** The calls of the sequence that the one with this number belongs to, up to it, as they were written. */
function groupUpTo(added: readonly Added[], index: number, batch: Batch): Call[] {
  let first = index;
  while (first > 0 && added[first - 1]!.rest.takesBack === undefined) first--;
  return added.slice(first, index + 1).map(({ call }, i) => ({ ...call, input: batch.input(first + i).slice() }));
}

/** Thrown where a turn has burnt its gas; nothing of the batch has run. The next turn may go on. */
export class TurnSpent extends Error {
  override readonly name = "TurnSpent";
  constructor() {
    super("The turn has burnt its gas.\n- Begin the next one with `refill`.");
  }
}
