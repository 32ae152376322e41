import { leafOf } from "../adversary/Place.ts";
import { wordAt } from "./drawMove.ts";
import type { Trials } from "./openTrials.ts";
import { type CallMove, isCall, type Plan } from "./Plan.ts";
import { withLeaf } from "./withLeaf.ts";

type Factor = readonly [times: bigint, over: bigint];

const factors: readonly Factor[] = [
  [1_000n, 1n],
  [8n, 1n],
  [2n, 1n],
  [5n, 4n],
  [4n, 5n],
  [1n, 2n],
  [1n, 8n],
];

/** The plan with the amounts that gain most, as far as `mostRounds` rounds of scaling one after the other bring it. */
export function climbPlan(plan: Plan, trials: Trials, mostRounds: number): Plan {
  let best = plan;
  let gain = trials.run([plan])[0]!.gainWad;
  const consider = (options: readonly Plan[]): void =>
    trials.run(options).forEach((trial, i) => {
      if (trial.gainWad > gain) [gain, best] = [trial.gainWad, options[i]!];
    });
  for (let round = 0; round < mostRounds; round++) {
    const before = gain;
    // Ten times as much of everything is as good a plan ten times over.
    consider(
      factors.map((factor) => amountsOf(best).reduce((scaled, amount) => withAmount(scaled, amount, factor), best)),
    );
    for (const amount of amountsOf(best)) consider(factors.map((factor) => withAmount(best, amount, factor)));
    best.forEach((move, at) => {
      if (!isCall(move)) return;
      move.leaves.forEach((leaf, which) => {
        if (leaf.source !== undefined)
          consider(factors.map((factor) => best.with(at, withPart(best[at] as CallMove, which, factor))));
      });
    });
    if (gain === before) break;
  }
  return best;
}

/** Numbers that stand in a plan. */
export function amountsOf(plan: Plan): bigint[] {
  const amounts = plan
    .filter(isCall)
    .flatMap(({ input, leaves }) =>
      leaves
        .filter(({ type, source }) => source === undefined && /^u?int/.test(type))
        .map((leaf) => wordAt(input, leaf)),
    );
  return [...new Set(amounts)].filter((amount) => amount !== 0n);
}

/** Every parameter that is `amount`, scaled: what is the same number twice is the same thing. */
export function withAmount(plan: Plan, amount: bigint, [times, over]: Factor): Plan {
  return plan.map((move) => {
    if (!isCall(move)) return move;
    return move.leaves.reduce((changed: CallMove, leaf, which) => {
      const isIt = leaf.source === undefined && /^u?int/.test(leaf.type) && wordAt(move.input, leaf) === amount;
      return isIt ? withLeaf(changed, which, fitting((amount * times) / over, leaf.type), undefined) : changed;
    }, move);
  });
}

/** At most what the type holds. */
function fitting(value: bigint, type: string): bigint {
  const { kind, bits } = leafOf(type);
  const most = 2n ** BigInt(kind === "int" ? bits - 1 : bits) - 1n;
  if (value > most) return most;
  return value < -most ? -most : value;
}

function withPart(move: CallMove, which: number, [times, over]: Factor): CallMove {
  const source = move.leaves[which]!.source!;
  return withLeaf(move, which, 0n, { ...source, times: source.times * times, over: source.over * over });
}
