import { balanceQuestion } from "./worthOf.ts";
import { encodeQuestions } from "./Question.ts";
import type { Trials } from "./openTrials.ts";
import type { Plan } from "./Plan.ts";
import type { Cast } from "./prepareCast.ts";
import type { Scenario } from "./Scenario.ts";

/** What a plan needs of each asset, in its smallest unit: the most that was gone at the end of any of its moves. */
export function capitalOf(plan: Plan, trials: Trials, scenario: Scenario, cast: Cast): bigint[] {
  const questions = scenario.assets.flatMap(({ token }) => cast.accounts.map((account) => balanceQuestion(token, account)));
  const held = trials.ask([[], ...plan.map((_, i) => plan.slice(0, i + 1))], encodeQuestions(questions));
  const totals = held.map((words) =>
    scenario.assets.map((_, i) =>
      words.slice(i * cast.accounts.length, (i + 1) * cast.accounts.length).reduce((sum, word) => sum + word, 0n),
    ),
  );
  return scenario.assets.map((_, i) => {
    const least = totals.reduce((low, total) => (total[i]! < low ? total[i]! : low), totals[0]![i]!);
    return totals[0]![i]! - least;
  });
}
