// Ways out: calls that turn what a plan built up into assets again, with amounts that are read when they are made. Appended to any
// plan they tell what it is worth.
import { leafOf } from "../adversary/Place.ts";
import { questionsOf, wordAt } from "./drawMove.ts";
import type { Trials } from "./openTrials.ts";
import { type CallMove, isCall, type Plan, type Source } from "./Plan.ts";
import type { Pools, View } from "./Pools.ts";
import { withLeaf } from "./withLeaf.ts";

export interface Exits {
  /** Looks for a way out at the end of a plan all of whose moves go through. */
  learn(plan: Plan): void;
  /** All that is known, in an order of chance. */
  draw(): readonly CallMove[];
  memory(): ExitsMemory;
  recall(memory: ExitsMemory): void;
}

export interface ExitsMemory {
  readonly exits: readonly Exit[];
  readonly seen: ReadonlySet<string>;
}

interface Exit {
  readonly key: string;
  readonly moves: readonly CallMove[];
}

const mostExits = 10;
/** One in the unit of account: of less it would be chance which number fits. */
const leastWad = 10n ** 18n;
const mostLength = 5;

export function openExits(trials: Trials, pools: Pools): Exits {
  let exits: Exit[] = [];
  const seen = new Set<string>();

  function learn(plan: Plan): void {
    if (plan.length === 0) return;
    const gains = trials.run(plan.map((_, i) => plan.slice(0, i + 1))).map(({ gainWad }) => gainWad);
    const lowest = gains.reduce((low, gain, i) => (gain <= gains[low]! ? i : low), 0);
    const end = gains.reduce((high, gain, i) => (i > lowest && gain > gains[high]! ? i : high), lowest);
    // What gains in the end is no way out.
    if (gains[end]! - gains[lowest]! < leastWad || gains[end]! >= leastWad) return;
    const whole = plan.slice(0, end + 1);
    const slack = (gains[end]! - gains[lowest]!) / 50n;
    if (knownBring(plan.slice(0, lowest + 1)) >= gains[end]! - slack) return;
    const needed = neededOf(whole, lowest + 1, gains[end]! - slack);
    if (needed.length === 0 || needed.length > mostLength) return;
    const moves = needed.map((i) => whole[i] as CallMove);
    if (moves.some(({ inner }) => inner.length > 0)) return;
    const key = moves.map(({ callable }) => callable.to + callable.selector).join();
    if (seen.has(key)) return;
    seen.add(key);
    const general = generalise(whole, needed);
    if (general.every((move) => standsAlone(move, general)))
      exits = [...exits, { key, moves: general }].slice(-mostExits);
  }

  /** What a plan gains with the ways out that are known. */
  function knownBring(plan: Plan): bigint {
    const ways = Array.from({ length: mostExits }, () => [...plan, ...exitsInAnyOrder()]);
    return trials.run(ways).reduce((best, { gainWad }) => (gainWad > best ? gainWad : best), -(10n ** 60n));
  }
  function exitsInAnyOrder(): readonly CallMove[] {
    return shuffled(exits, pools).flatMap(({ moves }) => moves);
  }

  /** Which moves from `start` on the gain hangs on. */
  function neededOf(plan: Plan, start: number, gain: bigint): number[] {
    const candidates = plan.flatMap((move, i) => (i >= start && isCall(move) ? [i] : []));
    const without = trials.run(candidates.map((i) => plan.toSpliced(i, 1)));
    return candidates.filter((_, k) => without[k]!.gainWad < gain);
  }

  /** Amounts become what the chain tells, where that brings as much, also when what went before was half as much. */
  function generalise(plan: Plan, needed: readonly number[]): CallMove[] {
    let best = plan;
    // The last first: what comes out in the end tells what the calls before it are good for.
    for (const at of needed.toReversed())
      (plan[at] as CallMove).leaves.forEach((leaf, which) => {
        if (!/^u?int/.test(leaf.type)) return;
        const move = best[at] as CallMove;
        const sourced = sourcesFor(move, which, pools).map((source) => withLeaf(move, which, 0n, source));
        // Of what brings as much, the earliest is chosen: what an earlier move answered is not there behind another plan.
        const options = leaf.source?.kind === "earlier" ? sourced : [...sourced, move];
        if (options.length === 0) return;
        const tried = options.map((option) => best.with(at, option));
        const half = tried.map((each) => halved(each, 0, needed[0]!));
        // Numbers that are the same by chance are not when one of two amounts is another.
        const uneven = tried.map((each) => halved(each, 0, 1));
        const gains = trials.run([...tried, ...half, ...uneven]).map(({ gainWad }) => gainWad);
        const score = (i: number): bigint => gains[i]! + gains[i + tried.length]! + gains[i + 2 * tried.length]!;
        const chosen = options.reduce((high, _, i) => (score(i) > score(high) ? i : high), 0);
        best = tried[chosen]!;
      });
    return needed.map((i) => best[i] as CallMove);
  }

  return {
    learn,
    memory: () => ({ exits, seen }),
    recall(memory) {
      exits = [...memory.exits];
      for (const key of memory.seen) seen.add(key);
    },
    draw() {
      const some = exits.filter(() => pools.chance.below(4) < 3);
      return shuffled(some, pools).flatMap(({ moves }) => moves);
    },
  };
}

/** Nothing in it was answered to a call that is not there. */
function standsAlone({ leaves }: CallMove, moves: readonly CallMove[]): boolean {
  return leaves.every(({ source }) => source?.kind !== "earlier" || moves.some(({ id }) => id === source.id));
}

function shuffled<T>(list: readonly T[], { chance }: Pools): T[] {
  const left = [...list];
  return list.map(() => left.splice(chance.below(left.length), 1)[0]!);
}

/** Everything that a view tells of his account, in full. */
function sourcesFor(move: CallMove, which: number, pools: Pools): Source[] {
  const { kind } = leafOf(move.leaves[which]!.type);
  return pools.views
    .filter(({ type }) => leafOf(type).kind === kind)
    .flatMap((view: View) =>
      questionsOf(view, pools, pools.actors[move.actor]!).map(
        (question): Source => ({
          kind: "view",
          to: view.callable.to,
          question,
          word: view.word,
          times: 1n,
          over: 1n,
        }),
      ),
    );
}

/** The plan with half the amounts in all moves from `begin` to before `end`. */
function halved(plan: Plan, begin: number, end: number): Plan {
  return plan.map((move, i) => {
    if (i < begin || i >= end || !isCall(move)) return move;
    return move.leaves.reduce((changed: CallMove, leaf, which) => {
      if (leaf.source !== undefined || !/^u?int/.test(leaf.type)) return changed;
      const value = wordAt(move.input, leaf);
      return value > 1_000n || value < -1_000n ? withLeaf(changed, which, value / 2n, undefined) : changed;
    }, move);
  });
}
