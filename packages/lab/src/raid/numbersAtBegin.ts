// What the state tells before anything is done.
import { questionsOf } from "./drawMove.ts";
import type { Trials } from "./openTrials.ts";
import type { Pools, View } from "./Pools.ts";
import { encodeQuestions } from "./Question.ts";
import { balanceQuestion } from "./worthOf.ts";

/** What views tell of everybody at the begin: what there is to take. */
export function numbersAtBegin(pools: Pools, trials: Trials): bigint[] {
  const { views, addresses, scenario } = pools;
  const asked = views.flatMap((view) =>
    addresses.flatMap((who) =>
      questionsOf(view, pools, who).map((input) => ({ to: view.callable.to, input, word: view.word })),
    ),
  );
  const held = scenario.assets.flatMap(({ token }) => addresses.map((who) => balanceQuestion(token, who)));
  const questions = [
    ...new Map([...held, ...asked].map((each) => [`${each.to}${each.input}${each.word}`, each])).values(),
  ];
  const [numbers] = trials.ask([[]], encodeQuestions(questions.slice(0, mostAsked)));
  return numbers!.filter((number) => number > leastAmount);
}
const mostAsked = 1_000;

/** Without numbers that are no amounts, such as decimals. */
export function worthAsking(views: readonly View[], trials: Trials): View[] {
  const whole = views.filter(({ callable }) => callable.inputs.length === 0);
  const [answers] = trials.ask(
    [[]],
    encodeQuestions(whole.map(({ callable, word }) => ({ to: callable.to, input: callable.selector, word }))),
  );
  return views.filter((view) => !whole.includes(view) || answers![whole.indexOf(view)]! > leastAmount);
}
const leastAmount = 1_000n;
