// What a search begins its next attempts with: calls that once did something new, and states that they led to.
import type { Call } from "./Call.ts";
import type { Callable } from "./Callable.ts";
import { reshapeCall } from "./reshapeCall.ts";
import type { State } from "./Stage.ts";
import { type Sources, sampleCall, sampleSeconds, sampleWei } from "./sampleCall.ts";

export interface Corpus {
  /** Some of the functions change something: without these there is but one state. */
  readonly canAct: boolean;
  /** A call, from nothing or from one that did something new. */
  draw(): Call;
  /** A state, rather one that was picked seldom. */
  pickState(): State;
  keepCall(call: Call): void;
  /** Keeps a state, if it is not too far from the begin; of those where nothing new ran only some. */
  keepState(state: State, isNew: boolean): void;
}

const mostStates = 2_048;
const mostSeeds = 64;
/** A state further away costs more to come back to than it is worth. */
export const mostPrefix = 64;

interface Kept extends State {
  picks: number;
}

export function openCorpus(callables: readonly Callable[], sources: Sources): Corpus {
  const { chance, senders } = sources;
  const acting = callables.filter(({ isView }) => !isView);
  const states: Kept[] = [{ calls: [], picks: 0 }];
  const seeds = new Map<Callable, Call[]>(callables.map((callable) => [callable, []]));

  function redrawn({ callable, from, value, input, places }: Call): Call {
    return {
      callable,
      from: chance.once(2) ? from : chance.pick(senders),
      value: callable.isPayable && chance.once(2) ? sampleWei(chance) : value,
      seconds: sampleSeconds(sources),
      input,
      places,
    };
  }

  return {
    canAct: acting.length > 0,
    draw() {
      const callable = chance.pick(acting.length > 0 && !chance.once(8) ? acting : callables);
      const pool = seeds.get(callable)!;
      if (pool.length === 0 || chance.once(6)) return sampleCall(callable, sources);
      const known = chance.pick(pool);
      const call = callable.fixed === undefined && chance.once(4) ? reshapeCall(known, sources) : known;
      return chance.once(3) ? redrawn(call) : call;
    },
    pickState() {
      let best = chance.pick(states);
      for (let i = 0; i < 2; i++) {
        const other = chance.pick(states);
        if (other.picks < best.picks) best = other;
      }
      best.picks++;
      return best;
    },
    keepCall(call) {
      const pool = seeds.get(call.callable);
      // A property is checked, and never called.
      if (pool === undefined) return;
      if (pool.length < mostSeeds) pool.push(call);
      else pool[chance.below(mostSeeds)] = call;
    },
    keepState({ calls }, isNew) {
      if (calls.length > mostPrefix || (!isNew && !chance.once(8))) return;
      if (states.length < mostStates) states.push({ calls, picks: 0 });
      else states[1 + chance.below(mostStates - 1)] = { calls, picks: 0 };
    },
  };
}
