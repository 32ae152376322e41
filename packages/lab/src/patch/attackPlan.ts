// The recorded attack as a plan of the search: the calls that its contracts made, made by the search's own accounts.
import type { Address, Hex } from "@testudo/core/model/Hex";
import { decodeFunctionData } from "viem/utils";
import { guessedCallable, rawCallable } from "../adversary/Callable.ts";
import { erc20Abi } from "../raid/erc20Abi.ts";
import { leavesOf, withAddresses, wordsOf } from "../raid/leavesOf.ts";
import type { CallMove, Move, Plan } from "../raid/Plan.ts";
import { callablesAt } from "../raid/Pools.ts";
import { accountAddress } from "../raid/prepareCast.ts";
import type { KnownContract, Scenario } from "../raid/Scenario.ts";
import { mostMoves } from "../raid/varyPlan.ts";
import { fromHex } from "../record/bytes.ts";
import type { AttackCall, AttackRecord } from "./attackCalls.ts";

/** What of the attack can be played by the search's accounts. */
export interface AttackPlan {
  readonly plan: Plan;
  /** What it does not hold, a sentence each. */
  readonly left: readonly string[];
}

/** `attack` within what `scenario` declares. Nothing else is used. */
export function attackPlan(attack: AttackRecord, scenario: Scenario): AttackPlan {
  const left = new Set<string>();
  const actors = actorsOf(attack, scenario, left);
  const context: Context = { scenario, actors, replaced: replacedBy(attack, actors), left, ids: { last: 0 } };
  const plan: Move[] = [];
  let at = attack.calls[0]?.timestamp;
  for (const call of attack.calls) {
    const moves = movesOf(call, actors.get(call.caller)!, context);
    if (moves.length > 0 && call.timestamp > at!) plan.push(...waitOf(Number(call.timestamp - at!), context));
    if (moves.length > 0) at = call.timestamp;
    plan.push(...moves);
  }
  if (plan.length > mostMoves)
    left.add(`${plan.length - mostMoves} moves at its end: a plan has at most ${mostMoves}.`);
  if (attack.dropped > 0) left.add(`${attack.dropped} further calls: the attack makes more than are followed.`);
  if (plan.length === 0 && left.size === 0) left.add("The attack's transactions make no call that lasts.");
  return { plan: plan.slice(0, mostMoves), left: [...left] };
}

interface Context {
  readonly scenario: Scenario;
  readonly actors: ReadonlyMap<Address, number>;
  /** His addresses in the attack, and those that stand for them. */
  readonly replaced: ReadonlyMap<Address, Address>;
  readonly left: Set<string>;
  readonly ids: { last: number };
}

/** A number for each address that calls, in their order. */
function actorsOf({ calls }: AttackRecord, { accounts }: Scenario, left: Set<string>): Map<Address, number> {
  const callers = [...new Set(calls.map(({ caller }) => caller))];
  if (callers.length > accounts)
    left.add(
      `${callers.length} addresses call, and the scenario has ${accounts} accounts: the last acts for the rest.`,
    );
  return new Map(callers.map((caller, i) => [caller, Math.min(i, accounts - 1)]));
}

/** Whoever calls nothing himself, such as a sender with a contract, has what he is given at the first account. */
function replacedBy({ party }: AttackRecord, actors: ReadonlyMap<Address, number>): Map<Address, Address> {
  return new Map(party.map((one) => [one, accountAddress(actors.get(one) ?? 0)]));
}

function waitOf(seconds: number, { scenario: { mostSeconds }, left }: Context): Plan {
  if (seconds > mostSeconds) left.add(`It waits ${seconds} s; the scenario allows ${mostSeconds} s at once.`);
  return mostSeconds === 0 ? [] : [{ kind: "wait", seconds: Math.min(seconds, mostSeconds) }];
}

/** The move for a call; where there is none, what he did in the middle of it is done without. */
function movesOf(call: AttackCall, actor: number, context: Context): readonly CallMove[] {
  const { scenario, replaced, left } = context;
  const inner = (): readonly CallMove[] => call.inner.flatMap((one) => movesOf(one, actor, context));
  if (isGranted(call, scenario)) return inner();
  const contract = scenario.contracts.find(({ address }) => address === call.to);
  const input = withAddresses(fromHex(call.input), replaced);
  const found = contract === undefined ? undefined : callableFor(contract, call, input);
  if (found === undefined) {
    left.add(
      `${call.to} ${call.input.slice(0, 10)}: ${contract === undefined ? "not among the scenario's contracts" : "not among the functions that may be called"}.`,
    );
    return inner();
  }
  context.ids.last -= 1;
  const id = context.ids.last;
  return [
    {
      kind: "call",
      id,
      actor,
      callable: found.callable,
      value: call.value,
      input,
      leaves: found.leaves,
      inner: inner(),
    },
  ];
}

type Found = Pick<CallMove, "callable" | "leaves">;

/** As its own parameters have it; where those do not fit, word by word. */
function callableFor(
  contract: KnownContract,
  { to, value, input: text }: AttackCall,
  input: Uint8Array,
): Found | undefined {
  if (input.length < 4) return input.length === 0 ? { callable: rawCallable(to, 0), leaves: [] } : undefined;
  const selector = text.slice(0, 10) as Hex;
  const known = callablesAt(contract).filter((one) => one.selector === selector);
  for (const callable of known) {
    const leaves = leavesOf(callable.inputs, input);
    if (leaves !== undefined) return { callable, leaves };
  }
  if (known.length === 0) return undefined;
  const words = guessedCallable(to, selector, wordsOf(input), value > 0n);
  const leaves = words.fixed!.places.map((place, i) => ({ place, name: "", type: words.inputs[i]!.type }));
  return { callable: { ...words, contract: contract.name }, leaves };
}

/** The search's accounts let every contract of the scenario take what they have, before they begin. */
function isGranted({ to, input }: AttackCall, { assets, contracts }: Scenario): boolean {
  if (!assets.some(({ token }) => token === to)) return false;
  try {
    const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data: input });
    return functionName === "approve" && contracts.some(({ address }) => address === args[0].toLowerCase());
  } catch {
    return false;
  }
}
