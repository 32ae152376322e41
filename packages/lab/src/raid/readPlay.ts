// A find's capsule as a plan again: what was found on another day is tried on the state of today, with what is declared today.
import { puppet } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { AbiFunction } from "viem";
import { decodeAbiParameters, decodeFunctionData } from "viem/utils";
import { rawCallable } from "../adversary/Callable.ts";
import { blockOf } from "../record/blockOf.ts";
import { fromHex } from "../record/bytes.ts";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import type { CallMove, Leaf, Move, Plan, Source } from "./Plan.ts";
import { callablesAt } from "./Pools.ts";
import { accountAddress } from "./prepareCast.ts";
import type { Power, Scenario } from "./Scenario.ts";

type Steps = ReturnType<typeof stepsIn>;

/**
 * The plan whose capsule is `found`. What guardians did is left out: the scenario says what they do. Throws `PlayUndeclared` where it
 * uses what the scenario does not have, or is no play at all.
 */
export function readPlay(found: Capsule, scenario: Scenario): Plan {
  const his = (found.transactions ?? []).filter(({ role }) => role === "attack");
  const ids = { last: 0 };
  const plan: Move[] = [];
  // As `playOf` has it: the first transaction a second after the state.
  let at = found.block.timestamp + 1n;
  for (let i = 0; i < his.length; ) {
    const { timestamp } = blockOf(found, his[i]!.blockNumber);
    const power = scenario.powers.findIndex((one) => isDone(one, his.slice(i)));
    const own = power < 0 ? 0 : scenario.powers[power]!.seconds;
    if (timestamp - at > BigInt(own)) plan.push(waitOf(Number(timestamp - at) - own, scenario));
    plan.push(...(power < 0 ? movesOf(his[i]!, scenario, ids) : [{ kind: "power", power } as const]));
    i += power < 0 ? 1 : scenario.powers[power]!.calls.length;
    at = timestamp;
  }
  return plan;
}

const isDone = ({ calls }: Power, next: readonly CapsuleTransaction[]): boolean =>
  calls.every(({ from, to, input }, i) => next[i]?.from === from && next[i].to === to && next[i].input === input);

function waitOf(seconds: number, { mostSeconds }: Scenario): Move {
  if (mostSeconds === 0) throw new PlayUndeclared(`it waits ${seconds} s`);
  return { kind: "wait", seconds };
}

/** Calls of an account of his, or one in the name of a key. */
function movesOf(
  { from, to, input, value }: CapsuleTransaction,
  scenario: Scenario,
  ids: { last: number },
): CallMove[] {
  const key = scenario.keys.indexOf(from);
  const context = { scenario, ids };
  if (key >= 0) return [callOf({ to: to!, data: input, value }, scenario.accounts + key, context)];
  const actor = Array.from({ length: scenario.accounts }, (_, i) => accountAddress(i)).indexOf(to as Address);
  if (actor < 0) throw new PlayUndeclared(`${from} calls ${to ?? "nobody"}`);
  return toMoves(stepsIn(input), actor, context);
}

interface Context {
  readonly scenario: Scenario;
  readonly ids: { last: number };
}

function callOf(call: { to: string; data: Hex; value: bigint }, actor: number, { scenario, ids }: Context): CallMove {
  const to = call.to.toLowerCase() as Address;
  const contract = scenario.contracts.find(({ address }) => address === to);
  const callable =
    contract === undefined || call.data === "0x"
      ? contract && rawCallable(to, 0)
      : callablesAt(contract).find(({ selector }) => call.data.startsWith(selector));
  if (callable === undefined) throw new PlayUndeclared(`it calls ${call.data.slice(0, 10)} of ${to}`);
  ids.last += 1;
  const input = fromHex(call.data);
  return { kind: "call", id: ids.last, actor, callable, value: call.value, input, leaves: [], inner: [] };
}

function toMoves(steps: Steps, actor: number, context: Context): CallMove[] {
  const calls = steps.map((step) => callOf(step, actor, context));
  return calls.map((call, i) => ({
    ...call,
    leaves: steps[i]!.fills.map((fill) => leafOf(fill, calls)),
    inner: steps[i]!.inner === "0x" ? [] : toMoves(stepsWithin(steps[i]!.inner), actor, context),
  }));
}

function leafOf(
  { at, source, question, step, word, times, over }: Steps[number]["fills"][number],
  calls: CallMove[],
): Leaf {
  const part = { word: Number(word), times, over };
  const to = source.toLowerCase() as Address;
  const from: Source =
    BigInt(to) > 0n
      ? { kind: "view", to, question, ...part }
      : // Whoever answered in another transaction is not there to be asked.
        { kind: "earlier", id: calls[Number(step)]?.id ?? -1, ...part };
  return { place: { at: Number(at), kind: "uint", bits: 256 }, name: "", type: "uint256", source: from };
}

function stepsIn(input: Hex) {
  try {
    const { functionName, args } = decodeFunctionData({ abi: puppet.abi, data: input });
    if (functionName === "play") return args[0];
  } catch {}
  throw new PlayUndeclared("it holds a transaction that plays no calls");
}

const steps = (puppet.abi.find((item) => item.type === "function" && item.name === "play") as AbiFunction).inputs;

function stepsWithin(inner: Hex): Steps {
  try {
    return decodeAbiParameters(steps, inner)[0] as Steps;
  } catch {
    throw new PlayUndeclared("it holds a transaction that plays no calls");
  }
}

/** A plan of another day uses what is not declared today. Not retryable as it is. */
export class PlayUndeclared extends Error {
  override readonly name = "PlayUndeclared";
  constructor(what: string) {
    super(`The scenario does not have all that the plan uses: ${what}.`);
  }
}
