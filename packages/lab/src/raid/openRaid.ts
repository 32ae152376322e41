// The search for plans that take value out: plans are varied, those that run new code are built on, and whatever they built up is
// turned into assets again by every way out that is known. Nothing depends on time: as many calls from the same seed find the same.
import type { Address } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { openChance } from "../adversary/Chance.ts";
import { openDictionary } from "../adversary/Dictionary.ts";
import type { Cast } from "./Cast.ts";
import { capitalOf as capitalNeeded } from "./capitalOf.ts";
import { climbPlan } from "./climbPlan.ts";
import { openExits } from "./Exits.ts";
import type { Find } from "./Find.ts";
import { numbersAtBegin, worthAsking } from "./numbersAtBegin.ts";
import { openFigureWatch } from "./openFigureWatch.ts";
import { groundHooks } from "./openGround.ts";
import { openShelf } from "./openShelf.ts";
import { openSights } from "./openSights.ts";
import { openTrials, type Trial } from "./openTrials.ts";
import { isCall, type Plan } from "./Plan.ts";
import { callablesIn, type Pools, viewsIn } from "./Pools.ts";
import { isMoreOf, partsOf } from "./partsOf.ts";
import { prepareCast } from "./prepareCast.ts";
import type { Kept, RaidMemory } from "./RaidMemory.ts";
import type { Scenario } from "./Scenario.ts";
import { shrinkPlan } from "./shrinkPlan.ts";
import { extendPlan, mostMoves, varyPlan } from "./varyPlan.ts";
import { neighboursOf, varySample } from "./varySample.ts";

export interface Raid {
  /** Goes on for at least `calls` calls. */
  advance(calls: number): void;
  readonly calls: number;
  /** How many plans are built on. */
  readonly kept: number;
  readonly finds: readonly Find[];
  readonly cast: Cast;
  /** All that it has learned, to go on from another time: it then does what it would have done. Not a copy. */
  memory(): RaidMemory;
}

/** A plan to be tried, and what it was made of. */
interface Draft {
  readonly base: Kept;
  readonly plan: Plan;
  /** No known way out was appended. */
  readonly isBare: boolean;
  readonly isSample: boolean;
}

// What counts as new decides which plans are built on, and no measure finds all: with edges a search goes deeper, without them
// further. Workers have seeds that follow each other, so that half of them go each way. Who has nothing does little, and edges cost
// him nothing.
const blocksAlone = { edges: false, comparisons: false } as const;
const plansOfBatch = 16;
const mostLessons = 8;
/** What gains this little may gain more with other amounts; of less, rounding may be the cause. */
const leadWad = 10n ** 15n;
const climbRounds = 6;

/**
 * `leastWad`: gains below it are none. `memory`: of a search with the same arguments, which it takes for its own. `sample`: a known
 * attack, which it begins with and comes back to, in place of nothing.
 */
export function openRaid(
  engine: Engine,
  scenario: Scenario,
  seed: number,
  leastWad: bigint,
  memory?: RaidMemory,
  sample: Plan = [],
): Raid {
  const chance = openChance(seed);
  const cast = prepareCast(engine, scenario);
  engine.setHooks(seed % 2 === 0 || !hasCapital(scenario) ? groundHooks : blocksAlone);
  const trials = openTrials(engine, scenario, cast);
  // A quarter of what he has leaves enough for what comes after it.
  const stakeWad = capitalOf(scenario) / 4n;
  let ids = 0;
  const pools: Pools = {
    chance,
    scenario,
    actors: cast.actors,
    callables: memory?.callables ?? callablesIn(scenario),
    views: worthAsking(viewsIn(scenario), trials),
    addresses: addressesOf(scenario, cast),
    words: scenario.words,
    dictionary: openDictionary(
      scenario.contracts.map(({ address }) => engine.account(address)?.code ?? new Uint8Array()),
      [],
    ),
    successes: new Map(),
    nextId: () => ids++,
  };
  if (pools.callables.length === 0) throw new NothingToCall();
  for (const number of numbersAtBegin(pools, trials)) pools.dictionary.add(number);
  const exits = openExits(trials, pools);
  const sights = openSights(trials, pools);
  const shelf = openShelf({ chance, trials, exits, sights, dictionary: pools.dictionary, stakeWad });
  const learned = new Map<string, number>();
  const finds: Find[] = [];
  const judged = new Map<string, bigint>();
  const watch = openFigureWatch(trials, scenario, cast, add);
  const given: Kept = { plan: sample, bestWad: 0n, size: 0, tries: 0, isSample: true };
  const next = sample.length === 0 || memory !== undefined ? [] : neighboursOf(sample, pools);
  if (memory !== undefined) recall(memory);
  else if (sample.length > 0) tryAll([{ base: given, plan: sample, isBare: true, isSample: true }]);

  function recall(known: RaidMemory): void {
    trials.recall(known.trials);
    chance.goTo(known.chance);
    ids = known.ids;
    pools.dictionary.recall(known.dictionary);
    exits.recall(known.exits);
    watch.keepOpen(known.open);
    shelf.recall(known);
    finds.push(...known.finds);
    for (const number of known.timely) sights.timely.add(number);
    for (const [key, times] of known.learned) learned.set(key, times);
    for (const [key, gainWad] of known.judged) judged.set(key, gainWad);
    for (const [callable, times] of known.successes) pools.successes.set(callable, times);
  }

  function advance(wanted: number): void {
    const end = trials.calls + wanted;
    while (trials.calls < end) {
      tryAll(Array.from({ length: plansOfBatch }, draw));
    }
  }

  function tryAll(drafts: readonly Draft[]): void {
    trials.run(drafts.map(({ plan }) => plan)).forEach((trial, i) => {
      look(drafts[i]!, trial);
    });
  }

  function draw(): Draft {
    const neighbour = next.pop();
    if (neighbour !== undefined) return drawn(given, neighbour, true);
    if (sample.length > 0 && chance.once(3)) return drawn(given, varySample(sample, pools), true);
    const base = shelf.pick();
    if (chance.once(2)) return drawn(base, extendPlan(base.plan, pools), base.isSample);
    const other = shelf.pick();
    return drawn(base, varyPlan(base.plan, other.plan, pools), base.isSample || other.isSample);
  }

  function drawn(base: Kept, plan: Plan, isSample: boolean): Draft {
    if (chance.once(3)) return { base, plan, isBare: true, isSample };
    return { base, plan: [...plan, ...exits.draw()].slice(0, 2 * mostMoves), isBare: false, isSample };
  }
  function look({ base, isBare, isSample }: Draft, trial: Trial): void {
    const { done } = trial;
    if (done.length === 0) return;
    if (trial.gainWad >= leadWad) judge(done, trial.gainWad, isSample);
    watch.look(done, trial, isSample);
    if (done.length > mostMoves) return;
    if (trial.isNew) shelf.keep(done, isSample);
    if (isBare && (trial.isNew || chance.once(8))) shelf.store(done, isSample);
    for (const move of done)
      if (isCall(move)) pools.successes.set(move.callable, (pools.successes.get(move.callable) ?? 0) + 1);
    const isBack = base.bestWad < 0n && trial.gainWad > base.bestWad - base.bestWad / 50n;
    if (isBack) base.bestWad = trial.gainWad;
    if (!trial.isNew && !isBack) return;
    const key = partsOf(done).join();
    // The same calls bring more back with other amounts.
    const times = learned.get(key) ?? 0;
    if (times >= mostLessons) return;
    learned.set(key, times + 1);
    exits.learn(done);
  }

  function judge(plan: Plan, gainWad: bigint, isSample: boolean): void {
    const parts = partsOf(plan);
    const key = parts.join();
    if (gainWad < 10n * (judged.get(key) ?? 0n) || finds.some((find) => isMoreOf(find, parts, gainWad))) return;
    judged.set(key, gainWad);
    const short = shrinkPlan(plan, trials);
    if (finds.some((find) => isMoreOf(find, partsOf(short), gainWad))) return;
    const small = shrinkPlan(climbPlan(short, trials, climbRounds), trials, gainWad);
    const [trial] = trials.run([small]) as [Trial];
    if (trial.gainWad < leastWad) return;
    const capital = capitalNeeded(small, trials, scenario, cast);
    add({ plan: small, gainWad: trial.gainWad, capital, atCall: trials.calls, isSample });
  }

  function add(find: Find): void {
    finds.push(find);
    finds.sort((one, other) => (one.gainWad < other.gainWad ? 1 : -1));
  }

  return {
    advance,
    get calls() {
      return trials.calls;
    },
    get kept() {
      return shelf.size;
    },
    finds,
    cast,
    memory: () => ({
      ...{ chance: chance.mark(), ids, callables: pools.callables, successes: pools.successes },
      ...{ dictionary: pools.dictionary.memory(), trials: trials.memory(), exits: exits.memory() },
      ...{ timely: sights.timely, open: watch.open(), ...shelf.memory(), learned, judged, finds },
    }),
  };
}

function addressesOf({ addresses, contracts, assets }: Scenario, { actors }: Cast): Address[] {
  const tokens = assets.flatMap(({ token }) => token ?? []);
  return [...new Set([...addresses, ...contracts.map(({ address }) => address), ...tokens, ...actors])];
}

const hasCapital = ({ assets }: Scenario): boolean =>
  assets.some(({ token, capital }) => token !== undefined && capital > 0n);

const capitalOf = ({ assets, accounts }: Scenario): bigint =>
  assets.reduce((sum, { capital, priceWad, decimals }) => sum + (capital * priceWad) / 10n ** BigInt(decimals), 0n) *
  BigInt(accounts);

/** Thrown where nothing may be called that changes anything. Not retryable. */
export class NothingToCall extends Error {
  override readonly name = "NothingToCall";
  constructor() {
    super(
      "There is nothing to call.\n- Functions that change something are needed.\n- Give the contracts' ABIs, or name another victim.",
    );
  }
}
