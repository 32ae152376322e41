// A plan as a capsule: the state that it begins with, the attacker's contracts in it, and one transaction for each of its turns.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { fromHex, toHex, toWordBytes } from "../record/bytes.ts";
import type { Capsule, CapsuleHeader, CapsuleTransaction } from "../record/Capsule.ts";
import { isContract } from "../record/isDelegated.ts";
import type { RecordedAccount } from "../record/recordedState.ts";
import type { Cast } from "./Cast.ts";
import { encodePlay } from "./encodePlay.ts";
import { forkOfGround } from "./openGround.ts";
import type { CallMove, Plan } from "./Plan.ts";
import { mostGas } from "./prepareCast.ts";
import type { Scenario } from "./Scenario.ts";
import { scheduleOf, type Turn } from "./scheduleOf.ts";

/** Where the plan is played: the chain, the block that its state is of, and the rules. */
export type Ground = Pick<Capsule, "name" | "chainId" | "block" | "hardfork">;

const secondsOfBlock = 12;

/** That of `capsule`, with the rules that are played by: neither the chain's number nor the block's time has to tell them again. */
export function groundOf(capsule: Capsule): Ground {
  const { name, chainId, block } = capsule;
  return { name, chainId, block, hardfork: forkOfGround(capsule) };
}

/** `engine` stands where the search began, with the cast in it. Every step of an account must go through. */
export function toCapsule(engine: Engine, ground: Ground, scenario: Scenario, cast: Cast, plan: Plan): Capsule {
  return { ...ground, accounts: recordedAccounts(engine), ...playOf(engine, ground, scenario, cast, plan, true) };
}

/**
 * Plays the plan and takes it back, with moves that must go through and with moves that may fail: an engine that asks for its state
 * holds all that the plan meets then, and nothing else.
 */
export function meetState(engine: Engine, scenario: Scenario, cast: Cast, plan: Plan): void {
  for (const must of [true, false]) failuresOf(engine, sentOf(scheduleOf(plan, scenario), cast, must));
}

/** What is sent, and the blocks of it. With `must` a transaction fails where one of its moves does; else it goes on. */
export function playOf(
  engine: Engine,
  ground: Ground,
  scenario: Scenario,
  cast: Cast,
  plan: Plan,
  must: boolean,
): Required<Pick<Capsule, "headers" | "transactions">> {
  const headers: CapsuleHeader[] = [];
  // As the search had it: the block after the state's, a second later.
  let [number, timestamp] = [ground.block.number + 1n, ground.block.timestamp + 1n];
  const sent = sentOf(scheduleOf(plan, scenario), cast, must);
  const failed = sent.some(({ isGuardians }) => isGuardians) ? failuresOf(engine, sent) : new Set();
  const transactions = sent.flatMap(({ isGuardians, seconds, ...call }, i): CapsuleTransaction[] => {
    // What waits for nothing runs in the block of what came before it.
    if (seconds > 0) {
      if (i > 0) number += BigInt(Math.max(1, Math.floor(seconds / secondsOfBlock)));
      timestamp += BigInt(seconds);
    }
    // What guardians do in vain changes nothing, and whoever runs this expects all to go through.
    if (isGuardians && failed.has(i)) return [];
    if (headers.at(-1)?.number !== number) headers.push({ ...headerOf(ground), number, timestamp });
    const role = isGuardians ? "benign" : "attack";
    return [{ ...call, gas: mostGas, blockNumber: number, role, ...nameOf(engine, call.from) }];
  });
  return { headers, transactions };
}

interface Sent {
  readonly from: Address;
  readonly to: Address;
  readonly input: Hex;
  readonly value: bigint;
  /** That pass before it. */
  readonly seconds: number;
  readonly isGuardians: boolean;
}

function sentOf(turns: readonly Turn[], cast: Cast, must: boolean): Sent[] {
  return turns.flatMap((turn) =>
    turn.kind === "his"
      ? { ...callOf(turn.moves, cast, must), seconds: turn.seconds, isGuardians: false }
      : turn.calls.map(({ from, to, input }, i) => ({
          ...{ from, to, input, value: 0n, seconds: i === 0 ? turn.seconds : 0 },
          isGuardians: turn.kind === "guardian",
        })),
  );
}

function callOf(moves: readonly CallMove[], cast: Cast, must: boolean): Pick<Sent, "from" | "to" | "input" | "value"> {
  const { actor, callable, input, value } = moves[0]!;
  const account = cast.accounts[actor];
  return account === undefined
    ? { from: cast.actors[actor]!, to: callable.to, input: toHex(input), value }
    : { from: cast.owner, to: account, input: toHex(encodePlay(moves, must)), value: 0n };
}

/** Numbers of those that fail. */
function failuresOf(engine: Engine, sent: readonly Sent[]): Set<number> {
  const batch = engine.openBatch();
  for (const [i, { from, to, input, value, seconds }] of sent.entries()) {
    const bytes = fromHex(input);
    const takesBack = i === sent.length - 1 ? ({ takesBack: "batch" } as const) : {};
    batch
      .input(batch.add({ from, to, value, seconds, gas: mostGas, inputLength: bytes.length, ...takesBack }))
      .set(bytes);
  }
  batch.run();
  return new Set(sent.flatMap((_, i) => (batch.succeeded(i) ? [] : [i])));
}

/** A stolen key, or one of those who act, may be a contract that does as its owners say. */
function nameOf(engine: Engine, from: Address): Pick<CapsuleTransaction, "isImpersonated"> {
  return isContract(engine.account(from)?.code ?? new Uint8Array()) ? { isImpersonated: true } : {};
}

/** A block's own name is not that of those after it; and gas is free, as it was for the search. */
function headerOf({ block: { hash: _, ...header } }: Ground): CapsuleHeader {
  return { ...header, baseFeePerGas: 0n };
}

/** All accounts of an engine, as a capsule has them. */
export function recordedAccounts(engine: Engine): Map<Address, RecordedAccount> {
  return new Map(
    [...engine.accounts()].map(([address, { balance, nonce, code, storage = new Map<bigint, bigint>() }]) => [
      address,
      {
        balance,
        nonce,
        code: toHex(code),
        storage: new Map(
          [...storage].filter(([, word]) => word !== 0n).map(([key, word]) => [word32(key), word32(word)]),
        ),
      },
    ]),
  );
}

const word32 = (value: bigint): Hex => toHex(toWordBytes(value));
