// A known attack in another form: whoever shuts one way of it out has to see the ways beside it.

import type { Callable } from "../adversary/Callable.ts";
import { leafOf } from "../adversary/Place.ts";
import { amountsOf, withAmount } from "./climbPlan.ts";
import { drawLeaf, wordAt } from "./drawMove.ts";
import { leavesOf } from "./leavesOf.ts";
import { type CallMove, isCall, type Leaf, type Plan } from "./Plan.ts";
import type { Pools } from "./Pools.ts";
import { mostMoves, varyPlan } from "./varyPlan.ts";
import { withLeaf } from "./withLeaf.ts";

/** Most that are tried before chance takes over. */
const mostNeighbours = 400;

/**
 * All that is one step from `plan`: a call less, a call of another function, an amount of another size, all of it twice, later, or from
 * another account; in an order of chance.
 */
export function neighboursOf(plan: Plan, pools: Pools): Plan[] {
  const left = [...wholesOf(plan, pools), ...stepsFrom(plan, pools)];
  const drawn: Plan[] = [];
  while (left.length > 0 && drawn.length < mostNeighbours)
    drawn.push(...left.splice(pools.chance.below(left.length), 1));
  return drawn;
}

function wholesOf(plan: Plan, { actors, scenario: { mostSeconds } }: Pools): Plan[] {
  const later: Plan[] = mostSeconds === 0 ? [] : [[{ kind: "wait", seconds: mostSeconds }, ...plan]];
  const byOthers = actors.slice(1).map((_, i) => plan.map((move) => (isCall(move) ? { ...move, actor: i + 1 } : move)));
  return [[...plan, ...plan].slice(0, mostMoves), ...later, ...byOthers];
}

function stepsFrom(plan: Plan, pools: Pools): Plan[] {
  const amounts = amountsOf(plan).flatMap((amount) => sizes.map((size) => withAmount(plan, amount, [1n, size])));
  const steps = plan.flatMap((move, at) => {
    if (!isCall(move)) return [plan.toSpliced(at, 1)];
    const siblings = siblingsOf(move, pools).map((one) => plan.with(at, toSibling(plan, at, one, pools)));
    const nested = stepsFrom(move.inner, pools).map((inner) => plan.with(at, { ...move, inner: inner.filter(isCall) }));
    return [plan.toSpliced(at, 1), ...siblings, ...nested];
  });
  return [...amounts, ...steps];
}

/** Other amounts, another function with the same arguments, a call less, one more, all of it again, or what any plan is varied by. */
export function varySample(plan: Plan, pools: Pools): Plan {
  const { chance } = pools;
  let varied = plan;
  for (let changes = 1 + chance.below(2); changes > 0; changes--) {
    const kind = chance.below(12);
    if (kind < 3) varied = somewhere(varied, pools, withOtherAmount);
    else if (kind < 6) varied = somewhere(varied, pools, withSibling);
    else if (kind < 7) varied = somewhere(varied, pools, withoutOne);
    else if (kind < 8) varied = somewhere(varied, pools, withRepeat);
    else if (kind < 9) varied = [...varied, ...plan];
    else varied = varyPlan(varied, plan, pools);
  }
  return varied.slice(0, mostMoves);
}

/** Among the moves, or among those that are made in the middle of one. */
function somewhere(plan: Plan, pools: Pools, change: (plan: Plan, pools: Pools) => Plan): Plan {
  const hosts = plan.flatMap((move, i) => (isCall(move) && move.inner.length > 0 ? [i] : []));
  if (hosts.length === 0 || pools.chance.once(3)) return change(plan, pools);
  const at = pools.chance.pick(hosts);
  const host = plan[at] as CallMove;
  return plan.with(at, { ...host, inner: somewhere(host.inner, pools, change).filter(isCall) });
}

const withoutOne = (plan: Plan, { chance }: Pools): Plan => plan.toSpliced(chance.below(plan.length), 1);

const sizes = [2n, 3n, 5n, 10n, 100n, 1_000n];

function withOtherAmount(plan: Plan, { chance }: Pools): Plan {
  const amounts = amountsOf(plan);
  if (amounts.length === 0) return plan;
  const by = chance.pick(sizes);
  return withAmount(plan, chance.pick(amounts), chance.once(4) ? [by, 1n] : [1n, by]);
}

function withRepeat(plan: Plan, { chance, nextId }: Pools): Plan {
  const calls = plan.flatMap((move, i) => (isCall(move) ? [i] : []));
  if (calls.length === 0) return plan;
  const at = chance.pick(calls);
  return plan.toSpliced(at + 1, 0, { ...(plan[at] as CallMove), id: nextId() });
}

/** One call goes to another function of the same contract. */
function withSibling(plan: Plan, pools: Pools): Plan {
  const calls = plan.flatMap((move, i) => (isCall(move) ? [i] : []));
  if (calls.length === 0) return plan;
  const at = pools.chance.pick(calls);
  const siblings = siblingsOf(plan[at] as CallMove, pools);
  return siblings.length === 0 ? plan : plan.with(at, toSibling(plan, at, pools.chance.pick(siblings), pools));
}

const siblingsOf = ({ callable: { to, selector } }: CallMove, { callables }: Pools): Callable[] =>
  callables.filter((one) => one.to === to && one.selector !== selector && one.fixed !== undefined);

/** The move at `at` as a call of `callable`, with the same values as far as their kinds go. */
function toSibling(plan: Plan, at: number, callable: Callable, pools: Pools): CallMove {
  const move = plan[at] as CallMove;
  const input = callable.fixed!.empty.slice();
  const leaves = leavesOf(callable.inputs, input);
  if (leaves === undefined) return move;
  const bare: CallMove = { ...move, callable, input, leaves, value: callable.isPayable ? move.value : 0n };
  return filled(bare, move, plan.slice(0, at).filter(isCall), pools);
}

/** The values of `like`, each given once, in their order; what it has none for is drawn. */
function filled(bare: CallMove, like: CallMove, before: readonly CallMove[], pools: Pools): CallMove {
  const given = [...like.leaves];
  return bare.leaves.reduce((move, leaf, which) => {
    const i = given.findIndex((one) => kindOf(one) === kindOf(leaf));
    const [same] = i < 0 ? [] : given.splice(i, 1);
    if (same !== undefined)
      return withLeaf(move, which, same.source === undefined ? wordAt(like.input, same) : 0n, same.source);
    const { value, source } = drawLeaf(leaf.type, leaf.name, { pools, actor: move.actor, before, isPlain: false });
    return withLeaf(move, which, value, source);
  }, bare);
}

const kindOf = ({ type }: Leaf): string => leafOf(type).kind;
