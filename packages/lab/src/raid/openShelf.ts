// The plans that are built on: those that ran new code, and for each kind of thing to be seen the best of those that show it.
import type { Chance } from "../adversary/Chance.ts";
import type { Dictionary } from "../adversary/Dictionary.ts";
import type { Exits } from "./Exits.ts";
import type { Sights } from "./openSights.ts";
import type { Trials } from "./openTrials.ts";
import type { Plan } from "./Plan.ts";
import type { Kept, RaidMemory } from "./RaidMemory.ts";

export interface Shelf {
  /** One to build on: rather one that was tried seldom, and has much to be seen. */
  pick(): Kept;
  /** Keeps a plan that ran new code. */
  keep(plan: Plan, isSample: boolean): void;
  /** Keeps a plan for what is to be seen after it, where it is the best of its kind: a short one, with much at stake. */
  store(plan: Plan, isSample: boolean): void;
  readonly size: number;
  /** Not a copy. */
  memory(): Pick<RaidMemory, "kept" | "stored">;
  recall(known: Pick<RaidMemory, "kept" | "stored">): void;
}

interface Around {
  readonly chance: Chance;
  readonly trials: Trials;
  readonly exits: Exits;
  readonly sights: Sights;
  readonly dictionary: Dictionary;
  /** What is put at stake to see more. */
  readonly stakeWad: bigint;
}

const mostKept = 600;
const mostStored = 600;

export function openShelf({ chance, trials, exits, sights, dictionary, stakeWad }: Around): Shelf {
  let kept: Kept[] = [{ plan: [], bestWad: 0n, size: 0, tries: 0, isSample: false }];
  const stored = new Map<string, Kept>();

  function pick(): Kept {
    const list = chance.below(4) < 3 && stored.size > 0 ? [...stored.values()] : kept;
    const some = [chance.pick(list), chance.pick(list), chance.pick(list), chance.pick(list)];
    const seldom = some.sort((a, b) => weightOf(b) - weightOf(a))[0]!;
    seldom.tries++;
    return seldom;
  }

  function store(plan: Plan, isSample: boolean): void {
    const { key, size } = sights.after(plan);
    const known = stored.get(key);
    if (key === "" || (known !== undefined && !isBetter(plan, size, known))) return;
    const pruned = sights.prune(plan);
    put(key, pruned, size, isSample);
    if (known !== undefined) return;
    const fat = sights.fatten(pruned, stakeWad);
    const sight = sights.after(fat);
    if (sight.key !== key) put(sight.key, fat, sight.size, isSample);
    if (stored.size > mostStored) stored.delete(chance.pick([...stored.keys()]));
  }

  function put(key: string, plan: Plan, size: number, isSample: boolean): void {
    const known = stored.get(key);
    if (known === undefined || isBetter(plan, size, known))
      stored.set(key, { plan, bestWad: bestOf(plan), size, tries: 0, isSample });
  }

  function bestOf(plan: Plan): bigint {
    const ways = [plan, [...plan, ...exits.draw()], [...plan, ...exits.draw()]];
    return trials.run(ways).reduce((best, { gainWad }) => (gainWad > best ? gainWad : best), -(10n ** 60n));
  }

  function keep(plan: Plan, isSample: boolean): void {
    for (const value of trials.compared(plan)) dictionary.add(value);
    kept.push({ plan, bestWad: bestOf(plan), size: 0, tries: 0, isSample });
    if (kept.length > mostKept) kept = kept.toSpliced(1 + chance.below(kept.length / 2), 1);
  }

  return {
    pick,
    keep,
    store,
    get size() {
      return kept.length + stored.size;
    },
    memory: () => ({ kept, stored }),
    recall(known) {
      kept = [...known.kept];
      for (const [key, one] of known.stored) stored.set(key, one);
    },
  };
}

/** Shorter, or as short with clearly more to be seen. */
const isBetter = (plan: Plan, size: number, known: Kept): boolean =>
  plan.length < known.plan.length || (plan.length === known.plan.length && size > known.size + leastBits);
const leastBits = 8;

const weightOf = ({ size, tries }: Kept): number => (1 + size) / (1 + tries);
