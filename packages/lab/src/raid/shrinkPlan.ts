import { wordAt } from "./drawMove.ts";
import type { Trials } from "./openTrials.ts";
import { type CallMove, isCall, type Plan } from "./Plan.ts";
import { withLeaf } from "./withLeaf.ts";

/** What of the gain may go for a shorter plan. */
const kept = { times: 9n, over: 10n };

/**
 * The plan with the fewest moves, and round amounts, that still gains nine tenths of what it did, or of `onceWad` where that is more:
 * what it gained before it was shrunk the first time.
 */
export function shrinkPlan(plan: Plan, trials: Trials, onceWad = 0n): Plan {
  const { gainWad } = trials.run([plan])[0]!;
  const least = ((gainWad > onceWad ? gainWad : onceWad) * kept.times) / kept.over;
  return shrinkWhile(plan, (candidate) => trials.run([candidate])[0]!.gainWad >= least);
}

/** The plan with the fewest moves, and round amounts, of which `passes` holds. */
export function shrinkWhile(plan: Plan, passes: (plan: Plan) => boolean): Plan {
  let best = plan;
  for (let hasLess = true; hasLess; ) {
    hasLess = false;
    for (let at = best.length - 1; at >= 0; at--) {
      const candidate = best.toSpliced(at, 1);
      if (candidate.length > 0 && passes(candidate)) [best, hasLess] = [candidate, true];
    }
  }
  best = withoutInner(best, passes);
  return rounded(best, passes);
}

function withoutInner(plan: Plan, passes: (plan: Plan) => boolean): Plan {
  return plan.reduce((best, move, at) => {
    if (!isCall(move) || move.inner.length === 0) return best;
    const candidate = best.with(at, { ...move, inner: [] });
    return passes(candidate) ? candidate : best;
  }, plan);
}

/** Numbers that people read: nothing, or few digits. */
function rounded(plan: Plan, passes: (plan: Plan) => boolean): Plan {
  let best = plan;
  plan.forEach((move, at) => {
    if (!isCall(move)) return;
    move.leaves.forEach((leaf, which) => {
      if (!/^u?int/.test(leaf.type) || leaf.source !== undefined) return;
      const value = wordAt(move.input, leaf);
      for (const simple of simplerThan(value)) {
        const candidate = best.with(at, withLeaf(best[at] as CallMove, which, simple, undefined));
        if (!passes(candidate)) continue;
        best = candidate;
        return;
      }
    });
  });
  return best;
}

function simplerThan(value: bigint): bigint[] {
  const size = value < 0n ? -value : value;
  const sign = value < 0n ? -1n : 1n;
  if (size < 10n) return size === 0n ? [] : [0n];
  const unit = 10n ** BigInt(size.toString().length - 1);
  return [0n, (size / unit) * unit * sign, (size / (unit / 10n)) * (unit / 10n) * sign];
}
