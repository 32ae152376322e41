// A plan as a capsule: the state that it begins with, the attacker's contracts in it, and one transaction for each of its turns.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { toHex, toWordBytes } from "../bytes.ts";
import type { Capsule, CapsuleHeader, CapsuleTransaction } from "../Capsule.ts";
import type { RecordedAccount } from "../recordedState.ts";
import type { Cast } from "./Cast.ts";
import { encodePlay } from "./encodePlay.ts";
import { type CallMove, type Move, type Plan, turnsOf } from "./Plan.ts";
import { mostGas } from "./prepareCast.ts";
import type { Scenario } from "./Scenario.ts";

/** Where the plan is played: the chain, the block that its state is of, and the rules. */
export type Ground = Pick<Capsule, "name" | "chainId" | "block" | "hardfork">;

const secondsOfBlock = 12;

/** `engine` stands where the search began, with the cast in it. With `must`, every step of an account must go through. */
export function toCapsule(
  engine: Engine,
  ground: Ground,
  scenario: Scenario,
  cast: Cast,
  plan: Plan,
  must = true,
): Capsule {
  const transactions: CapsuleTransaction[] = [];
  const headers: CapsuleHeader[] = [];
  // As the search had it: the block after the state's, a second later.
  let [number, timestamp] = [ground.block.number + 1n, ground.block.timestamp + 1n];
  const send = (from: Address, to: Address, input: Hex, value: bigint, seconds: number): void => {
    // What waits for nothing runs in the block of what came before it.
    if (seconds > 0) {
      if (transactions.length > 0) number += BigInt(Math.max(1, Math.floor(seconds / secondsOfBlock)));
      timestamp += BigInt(seconds);
    }
    if (headers.at(-1)?.number !== number) headers.push({ ...headerOf(ground), number, timestamp });
    transactions.push({ from, to, input, value, gas: mostGas, blockNumber: number, role: "attack" });
  };
  let seconds = 0;
  for (const moves of turnsOf(plan, cast.accounts.length)) {
    const [move] = moves as [Move];
    if (move.kind === "wait") seconds += move.seconds;
    else {
      sendTurn(moves, seconds);
      seconds = 0;
    }
  }
  function sendTurn(moves: readonly Move[], waited: number): void {
    const [move] = moves as [Move];
    if (move.kind === "power") {
      const { calls, seconds: own } = scenario.powers[move.power]!;
      calls.forEach(({ from, to, input }, i) => {
        send(from, to, input, 0n, i === 0 ? waited + own : 0);
      });
    } else if (move.kind === "call") {
      const account = cast.accounts[move.actor];
      if (account === undefined)
        send(cast.actors[move.actor]!, move.callable.to, toHex(move.input), move.value, waited);
      else send(cast.owner, account, toHex(encodePlay(moves as readonly CallMove[], must)), 0n, waited);
    }
  }
  return { ...ground, accounts: recordedAccounts(engine), headers, transactions };
}

/** A block's own name is not that of those after it. */
function headerOf({ block: { hash: _, ...header } }: Ground): CapsuleHeader {
  return header;
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
