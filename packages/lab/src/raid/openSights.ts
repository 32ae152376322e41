// What can be seen of a state from outside: everything that views tell of his accounts and of the whole. Two plans that leave the
// same to be seen are the same to build on.
import { amountsOf, withAmount } from "./climbPlan.ts";
import { questionsOf } from "./drawMove.ts";
import type { Trial, Trials } from "./openTrials.ts";
import type { Plan } from "./Plan.ts";
import type { Pools } from "./Pools.ts";
import { encodeQuestions, type Question } from "./Question.ts";

export interface Sights {
  /** What a plan leaves to be seen. */
  after(plan: Plan): Sight;
  /** The plan without moves that nothing to be seen hangs on. */
  prune(plan: Plan): Plan;
  /** The plan with amounts as great as they may be for the same to be seen, and no more than `mostWad` put at stake. */
  fatten(plan: Plan, mostWad: bigint): Plan;
  /** Numbers that hang on when something is done. */
  readonly timely: Set<number>;
}

export interface Sight {
  /** Which numbers it changes; empty where nothing is to be seen of it. */
  readonly what: string;
  /** The same with the direction and the order of magnitude of each change. */
  readonly key: string;
  /** By how much, all together: bits of all changes. */
  readonly size: number;
}

/** The greatest power of two is found by halves. */
const growth = [64n, 32n, 16n, 8n, 4n, 2n, 1n].map((bits) => 1n << bits);
const mostQuestions = 96;
/** More than that are no clocks. */
const mostTimely = 4;

export function openSights(trials: Trials, pools: Pools): Sights {
  const { scenario, views } = pools;
  const accounts = pools.actors.slice(0, scenario.accounts);
  const all = views.flatMap((view) =>
    (view.callable.inputs.some(({ type }) => type === "address") ? accounts : accounts.slice(0, 1)).flatMap((account) =>
      questionsOf(view, pools, account).map((input): Question => ({ to: view.callable.to, input, word: view.word })),
    ),
  );
  const calm = encodeQuestions(
    calmOf([...new Map(all.map((each) => [`${each.to}${each.input}${each.word}`, each])).values()]),
  );
  const [before] = trials.ask([[]], calm) as [bigint[]];

  /** Those that time alone does not change. */
  function calmOf(questions: readonly Question[]): Question[] {
    const [now, later] = trials.ask([[], [{ kind: "wait", seconds: 60 }]], encodeQuestions(questions)) as [
      bigint[],
      bigint[],
    ];
    return questions.filter((_, i) => now[i] === later[i]).slice(0, mostQuestions);
  }
  // Numbers that hang on when something is done.
  const timely = new Set<number>();
  const seenAfter = (plan: Plan): bigint[] => trials.ask([plan], calm)[0]!;

  function noteTimely(plan: Plan, sooner: Plan): void {
    if (trials.run([sooner])[0]!.done.length < sooner.length) return;
    const [a, b] = trials.ask([plan, sooner], calm) as [bigint[], bigint[]];
    const apart = a.flatMap((word, i) => (word === b[i] ? [] : [i]));
    if (apart.length <= mostTimely) for (const i of apart) timely.add(i);
  }
  const sightAfter = (plan: Plan): Sight => {
    const changes = seenAfter(plan).map((word, i) => BigInt.asIntN(256, word - before[i]!));
    const seen = changes.flatMap((change, i) => (change === 0n || timely.has(i) ? [] : [i]));
    const key = seen
      .map((i) => `${i}${changes[i]! < 0n ? "-" : "+"}${Math.floor(bitsOf(changes[i]!) / bitsOfMagnitude)}`)
      .join();
    return { what: seen.join(), key, size: changes.reduce((sum, change) => sum + bitsOf(change), 0) };
  };

  return {
    timely,
    after: sightAfter,
    fatten(plan, mostWad) {
      let best = plan;
      for (const amount of amountsOf(plan)) {
        let now = amount;
        for (const times of growth) {
          const option = withAmount(best, now, [times, 1n]);
          const [{ done, gainWad }] = trials.run([option]) as [Trial];
          if (done.length < option.length || gainWad < -mostWad) continue;
          [best, now] = [option, now * times];
        }
      }
      return sightAfter(best).what === sightAfter(plan).what ? best : plan;
    },
    prune(plan) {
      let { key } = sightAfter(plan);
      const without = plan.map((_, i) => plan.toSpliced(i, 1));
      const tried = trials.run(without);
      const loose = plan.flatMap((_, i) => (tried[i]!.done.length === without[i]!.length ? [i] : []));
      let best = plan;
      // From the end, so that the numbers of those before it stay.
      for (const at of loose.reverse()) {
        const candidate = best.toSpliced(at, 1);
        if (best[at]!.kind === "wait") {
          noteTimely(best, candidate);
          ({ key } = sightAfter(best));
        }
        if (sightAfter(candidate).key === key && trials.run([candidate])[0]!.done.length === candidate.length)
          best = candidate;
      }
      return best;
    },
  };
}

/** A dollar is 20 bits of a token with six decimals, and 60 of one with eighteen. */
const bitsOfMagnitude = 24;

const bitsOf = (change: bigint): number => (change === 0n ? 0 : (change < 0n ? -change : change).toString(2).length);
