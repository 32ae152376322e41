// What can be seen of a state from outside: everything that views tell of his accounts and of the whole. Two plans that leave the
// same to be seen are the same to build on.
import { amountsOf, withAmount } from "./climbPlan.ts";
import type { Trials } from "./openTrials.ts";
import { questionsOf } from "./drawMove.ts";
import type { Plan } from "./Plan.ts";
import type { Pools } from "./Pools.ts";
import type { Question } from "./Question.ts";

export interface Sights {
  /** What a plan leaves to be seen. */
  after(plan: Plan): Sight;
  /** The plan without moves that nothing to be seen hangs on. */
  prune(plan: Plan): Plan;
  /** The plan with amounts as great as they may be for the same to be seen, and no more than `mostWad` put at stake. */
  fatten(plan: Plan, mostWad: bigint): Plan;
}

export interface Sight {
  /** Which numbers it changes; empty where nothing is to be seen of it. */
  readonly key: string;
  /** By how much, all together: bits of all changes. */
  readonly size: number;
}

const growth = Array.from({ length: 40 }, (_, i) => 4n ** BigInt(40 - i));
const mostQuestions = 96;

export function openSights(trials: Trials, pools: Pools): Sights {
  const { scenario, views } = pools;
  const accounts = Array.from({ length: scenario.accounts }, (_, i) => i);
  const all = views.flatMap((view) =>
    (view.callable.inputs.some(({ type }) => type === "address") ? accounts : [0]).flatMap((account) =>
      questionsOf(view, pools, account).map((input): Question => ({ to: view.callable.to, input, word: view.word })),
    ),
  );
  const calm = calmOf([...new Map(all.map((each) => [`${each.to}${each.input}${each.word}`, each])).values()]);
  const [before] = trials.ask([[]], calm) as [bigint[]];

  /** Those that time alone does not change. */
  function calmOf(questions: readonly Question[]): Question[] {
    const [now, later] = trials.ask([[], [{ kind: "wait", seconds: 60 }]], questions) as [bigint[], bigint[]];
    return questions.filter((_, i) => now[i] === later[i]).slice(0, mostQuestions);
  }
  const seenAfter = (plan: Plan): bigint[] => trials.ask([plan], calm)[0]!;

  const sightAfter = (plan: Plan): Sight => {
      const changes = seenAfter(plan).map((word, i) => BigInt.asIntN(256, word - before[i]!));
      const key = changes.flatMap((change, i) => (change === 0n ? [] : [i])).join();
      return { key, size: changes.reduce((sum, change) => sum + change.toString(2).length - 1, 0) };
  };

  return {
    after: sightAfter,
    fatten(plan, mostWad) {
      let best = plan;
      for (const amount of amountsOf(plan)) {
        const options = growth.map((times) => withAmount(best, amount, [times, 1n]));
        const tried = trials.run(options);
        best = options.find((option, i) => tried[i]!.done.length === option.length && tried[i]!.gainWad >= -mostWad) ?? best;
      }
      return sightAfter(best).key === sightAfter(plan).key ? best : plan;
    },
    prune(plan) {
      const wanted = seenAfter(plan).join();
      let best = plan;
      for (let at = best.length - 1; at >= 0; at--) {
        const candidate = best.toSpliced(at, 1);
        if (trials.run([candidate])[0]!.done.length === candidate.length && seenAfter(candidate).join() === wanted)
          best = candidate;
      }
      return best;
    },
  };
}
