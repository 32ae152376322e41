// A plan from another: something is added, left out, moved, nested, or given with another amount.
import { leafOf } from "../adversary/Place.ts";
import { withAmount } from "./climbPlan.ts";
import { drawLeaf, drawMoves, wordAt } from "./drawMove.ts";
import { type CallMove, isCall, type Move, type Plan } from "./Plan.ts";
import type { Pools } from "./Pools.ts";
import { withLeaf } from "./withLeaf.ts";

/** More moves than any attack of the kind needs; and what a gas limit holds. */
export const mostMoves = 24;

/** Something may be taken from `other`. */
export function varyPlan(plan: Plan, other: Plan, pools: Pools): Plan {
  const { chance, scenario } = pools;
  let varied = plan;
  for (let changes = 1 + chance.below(3); changes > 0; changes--) {
    const kind = chance.below(20);
    if (kind < 8) varied = extend(varied, pools);
    else if (kind < 11) varied = tweak(varied, pools);
    else if (kind < 14) varied = scenario.powers.length > 0 ? insertPower(varied, pools) : extend(varied, pools);
    else if (kind < 15) varied = insert(varied, drawWait(pools), pools);
    else if (kind < 17) varied = nest(varied, pools);
    else if (kind < 19) varied = splice(varied, other, pools);
    else varied = varied.length > 1 ? varied.toSpliced(chance.below(varied.length), 1) : varied;
  }
  return varied.slice(0, mostMoves);
}

/** One call more at the end, sometimes after something that others do. */
export function extendPlan(plan: Plan, pools: Pools): Plan {
  const { chance, scenario } = pools;
  const led = scenario.powers.length > 0 && chance.once(2) ? insertPower(plan, pools) : plan;
  return [...led, ...drawMoves(pools, led)].slice(0, mostMoves);
}

/** Mostly at the end: what was there made it possible. */
function extend(plan: Plan, pools: Pools): Plan {
  const { chance } = pools;
  const at = chance.once(2) ? plan.length : chance.below(plan.length + 1);
  return plan.toSpliced(at, 0, ...drawMoves(pools, plan.slice(0, at)));
}

function insert(plan: Plan, move: Move, { chance }: Pools): Plan {
  return plan.toSpliced(chance.below(plan.length + 1), 0, move);
}

/** Each once: what happens again changes little. */
function insertPower(plan: Plan, pools: Pools): Plan {
  const power = pools.chance.below(pools.scenario.powers.length);
  const others = plan.filter((move) => move.kind !== "power" || move.power !== power);
  const at = pools.chance.once(2) ? others.length : pools.chance.below(others.length + 1);
  return others.toSpliced(at, 0, { kind: "power", power });
}

const usualWaits = [12, 60, 600, 1_800, 3_600, 86_400];

function drawWait({ chance, scenario: { mostSeconds } }: Pools): Move {
  const seconds = chance.once(3) ? Number(chance.number(31)) : chance.pick(usualWaits);
  return { kind: "wait", seconds: Math.min(Math.max(seconds, 1), mostSeconds) };
}

/** One call is made in the middle of another. */
function nest(plan: Plan, pools: Pools): Plan {
  const { chance } = pools;
  const hosts = plan.flatMap((move, i) => (isCall(move) && move.inner.length === 0 ? [i] : []));
  if (hosts.length === 0) return plan;
  const at = chance.pick(hosts);
  const host = plan[at] as CallMove;
  const calls = plan.filter(isCall).filter(({ inner, actor }) => inner.length === 0 && actor === host.actor);
  const drawn = chance.once(2)
    ? { ...chance.pick(calls), id: pools.nextId() }
    : drawMoves(pools, plan.slice(0, at)).at(-1)!;
  return plan.with(at, { ...host, inner: [drawn] });
}

/** What another plan has, in its order, somewhere between. */
function splice(plan: Plan, other: Plan, { chance }: Pools): Plan {
  if (other.length === 0) return plan;
  const from = chance.below(other.length);
  const piece = chance.once(2) ? other : other.slice(from, from + 1 + chance.below(4));
  const merged: Move[] = [];
  let [a, b] = [0, 0];
  while (a < plan.length || b < piece.length) {
    const takesFirst =
      b === piece.length || (a < plan.length && chance.below(plan.length + piece.length) < plan.length);
    merged.push(takesFirst ? plan[a++]! : piece[b++]!);
  }
  return merged;
}

/** Another value for one parameter of one call. */
function tweak(plan: Plan, pools: Pools): Plan {
  const { chance } = pools;
  const spots = plan.flatMap((move, i) => (isCall(move) && move.leaves.length > 0 ? [i] : []));
  if (spots.length === 0) return plan;
  const at = chance.pick(spots);
  const move = plan[at] as CallMove;
  const which = chance.below(move.leaves.length);
  if (chance.once(8)) return plan.with(at, { ...move, actor: chance.below(pools.actors.length) });
  const leaf = move.leaves[which]!;
  const isNumber = leafOf(leaf.type).kind === "uint" || leafOf(leaf.type).kind === "int";
  if (isNumber && leaf.source === undefined && chance.once(3)) {
    const by = BigInt(2 + chance.below(15));
    return withAmount(plan, wordAt(move.input, leaf), chance.once(2) ? [by, 1n] : [1n, by]);
  }
  if (isNumber && chance.once(2)) return plan.with(at, scaled(move, which, pools));
  if (!/^(address|bool|bytes\d+|u?int\d*)$/.test(leaf.type)) return plan;
  const before = plan.slice(0, at).filter(isCall);
  const { value, source } = drawLeaf(leaf.type, leaf.name, { pools, actor: move.actor, before, isPlain: false });
  return plan.with(at, withLeaf(move, which, value, source));
}

function scaled(move: CallMove, which: number, { chance }: Pools): CallMove {
  const leaf = move.leaves[which]!;
  const by = BigInt(2 + chance.below(6));
  const isMore = chance.once(2);
  if (leaf.source !== undefined) {
    const { times, over } = leaf.source;
    return withLeaf(move, which, 0n, {
      ...leaf.source,
      times: isMore ? times * by : times,
      over: isMore ? over : over * by,
    });
  }
  const value = wordAt(move.input, leaf);
  return withLeaf(move, which, isMore ? value * by : value / by, undefined);
}
