// Guard rules that the attack's own calls suggest. Only what the record of benign calls does not speak against is tried.

import type { GuardRule } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { argumentAt, refusedBy, repeated } from "./refusesCall.ts";
import type { VictimCall } from "./victimCalls.ts";

/** Rules to try together, and why. `power` orders: what takes least from the protocol's users comes first. */
export interface RuleCandidate {
  readonly rules: readonly GuardRule[];
  readonly power: number;
  readonly why: string;
}

export interface RuleFacts {
  readonly calls: readonly VictimCall[];
  readonly exempt: readonly Hex[];
  /** Contracts that answer `updatedAt()`. */
  readonly clocks: readonly Address[];
}

// What is beyond is an array's content, whose place is no argument's.
const wordsMax = 24;
const pairsMax = 24;
// What a breaker guards of one target.
const functionsMax = 32;
// Each is held against each candidate: a hostile trace has a million. What is left out is judged by the simulation.
const callsMax = 20_000;
const delays = [60n, 600n];

/** In the order of their power, each set of rules once. */
export function candidateRules(facts: RuleFacts): readonly RuleCandidate[] {
  const byAttack = facts.calls.filter(({ role, selector }) => role === "attack" && !facts.exempt.includes(selector));
  const attack = byAttack.slice(0, callsMax);
  const benign = facts.calls.filter(({ role }) => role === "benign").slice(0, callsMax);
  const functions = functionsOf(attack);
  const all = [
    ...functions.flatMap((one) => boundArguments(one, benign)),
    ...functions.flatMap((one) => onceABlock([one], benign)),
    ...functions.flatMap((one) => afterUpdate(one, facts.clocks)),
    ...functions.flatMap((one) => deny([one], benign)),
    ...pairsOf(functions)
      .filter(([a, b]) => repeated([...a.calls, ...b.calls]).length > 0)
      .slice(0, pairsMax)
      .flatMap((pair) => onceABlock(pair, benign)),
    ...denyAll(functions, benign),
  ];
  return all
    .filter(({ rules }) => rules.every((rule) => refusedBy(rule, benign).length === 0))
    .toSorted((a, b) => a.power - b.power);
}

/** The attack's calls of one function. */
interface Attacked {
  readonly target: Address;
  readonly selector: Hex;
  readonly calls: readonly VictimCall[];
}

function functionsOf(attack: readonly VictimCall[]): readonly Attacked[] {
  const found = new Map<string, VictimCall[]>();
  for (const call of attack) {
    const key = call.victim + call.selector;
    const calls = found.get(key);
    if (calls !== undefined) calls.push(call);
    else if (found.size < functionsMax) found.set(key, [call]);
  }
  return [...found.values()].map((calls) => ({ target: calls[0]!.victim, selector: calls[0]!.selector, calls }));
}

function boundArguments(attacked: Attacked, benign: readonly VictimCall[]): RuleCandidate[] {
  const honest = benign.filter(({ victim, selector }) => victim === attacked.target && selector === attacked.selector);
  if (honest.length === 0) return [];
  const candidates: RuleCandidate[] = [];
  for (let index = 0; index < wordsMax; index += 1) {
    const usual = honest.map((call) => argumentAt(call, index));
    if (usual.some((value) => value === undefined || isName(value))) continue;
    if (growsWithTime([...honest, ...attacked.calls], index)) continue;
    const bad = attacked.calls.flatMap((call) => argumentAt(call, index) ?? []);
    const found = boundsBetween(attacked, index, usual as bigint[], bad);
    candidates.push(...(isOfEncoding(honest, index) ? found.map((one) => ({ ...one, power: one.power + 3 })) : found));
  }
  return candidates;
}

/** A hash or an address, whose size means nothing. Numbers are small, or negative, or the largest of their type. */
function isName(value: bigint): boolean {
  return value >= 1n << 128n && value < (1n << 256n) - (1n << 128n);
}

/**
 * Where an array or bytes begin in the call data, or how long they are: the same can be said with other padding and in other places,
 * so that a bound is got by more easily than others.
 */
function isOfEncoding(calls: readonly VictimCall[], index: number): boolean {
  return calls.every((call) => {
    const value = argumentAt(call, index)!;
    return value > 0n && value % 32n === 0n && value < BigInt(call.input.length / 2 - 5);
  });
}

/** A counter, a round or a time: it tells the attack from what came before it, and from everybody who comes after. */
function growsWithTime(calls: readonly VictimCall[], index: number): boolean {
  const inOrder = calls.toSorted(byTime).flatMap((call) => argumentAt(call, index) ?? []);
  const isRising = inOrder.every((value, i) => i === 0 || value >= inOrder[i - 1]!);
  return isRising && new Set(inOrder).size > 2;
}

// Those of the capsule stand in its order; what is known beside it has a block and no place.
function byTime(a: VictimCall, b: VictimCall): number {
  if (a.block === b.block) return a.index - b.index;
  return a.block < b.block ? -1 : 1;
}

function boundsBetween(
  { target, selector }: Attacked,
  argIndex: number,
  usual: readonly bigint[],
  bad: readonly bigint[],
): RuleCandidate[] {
  const [least, most] = [minOf(usual), maxOf(usual)];
  const above = bad.filter((value) => value > most);
  const below = bad.filter((value) => value < least);
  const rule = (kind: "ARG_MAX" | "ARG_MIN", bound: bigint): RuleCandidate => ({
    rules: [{ target, selector, kind, argIndex, bound }],
    power: 1,
    why: `Of benign calls of ${selector} argument ${argIndex} lay within ${least} and ${most}.`,
  });
  // Twice what was usual leaves room to honest people, as far as the attack's least lies above it.
  const high = above.length === 0 ? [] : [rule("ARG_MAX", lesser(2n * most, minOf(above) - 1n))];
  const low = below.length === 0 ? [] : [rule("ARG_MIN", greater(least / 2n, maxOf(below) + 1n))];
  // Some attacks would pass with less of the same: the tight bound is the one that holds them.
  const tight =
    above.length > 0 && 2n * most < minOf(above) && most > 0n ? [{ ...rule("ARG_MAX", most), power: 2 }] : [];
  return [...high, ...low, ...tight];
}

function onceABlock(functions: readonly Attacked[], benign: readonly VictimCall[]): RuleCandidate[] {
  const isOf = ({ victim, selector }: VictimCall) =>
    functions.some((one) => one.target === victim && one.selector === selector);
  if (repeated(functions.flatMap(({ calls }) => calls)).length === 0 || repeated(benign.filter(isOf)).length > 0)
    return [];
  return [
    {
      rules: functions.map(({ target, selector }) => ({
        target,
        selector,
        kind: "NO_SAME_BLOCK",
        argIndex: 0,
        bound: 0n,
      })),
      power: functions.length === 1 ? 3 : 6,
      why: `Nobody benign called ${functions.map(({ selector }) => selector).join(" or ")} twice in a block.`,
    },
  ];
}

function afterUpdate({ target, selector }: Attacked, clocks: readonly Address[]): RuleCandidate[] {
  return clocks.flatMap((clock) =>
    delays.map((seconds) => ({
      rules: [
        { target, selector, kind: "ORACLE_DELAY" as const, argIndex: 0, bound: (seconds << 160n) | BigInt(clock) },
      ],
      power: 4,
      why: `${clock} tells when it was updated; ${selector} waits ${seconds} s from then.`,
    })),
  );
}

function deny(functions: readonly Attacked[], benign: readonly VictimCall[]): RuleCandidate[] {
  const isUsed = functions.some(({ target, selector }) =>
    benign.some((call) => call.victim === target && call.selector === selector),
  );
  if (isUsed) return [];
  return [
    {
      rules: functions.map(({ target, selector }) => ({ target, selector, kind: "DENY", argIndex: 0, bound: 0n })),
      power: functions.length === 1 ? 5 : 7,
      why: `Only the attack calls ${functions.map(({ selector }) => selector).join(" and ")}.`,
    },
  ];
}

function denyAll(functions: readonly Attacked[], benign: readonly VictimCall[]): RuleCandidate[] {
  const own = functions.filter((one) => deny([one], benign).length > 0);
  return own.length < 2 ? [] : deny(own, benign);
}

function pairsOf<T>(list: readonly T[]): readonly (readonly [T, T])[] {
  return list.flatMap((a, i) => list.slice(i + 1).map((b) => [a, b] as const));
}

const minOf = (values: readonly bigint[]): bigint => values.reduce(lesser);
const maxOf = (values: readonly bigint[]): bigint => values.reduce(greater);

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
