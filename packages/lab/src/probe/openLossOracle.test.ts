import { type Address, toWord } from "@testudo/core/model/Hex";
import { openEngine } from "@testudo/evm/openEngine";
import { expect, test } from "vitest";
import type { Call } from "../adversary/Call.ts";
import { guessedCallable } from "../adversary/Callable.ts";
import { openDictionary } from "../adversary/Dictionary.ts";
import type { HuntTarget } from "../adversary/HuntTarget.ts";
import { openStage } from "../adversary/Stage.ts";
import { fromHex } from "../record/bytes.ts";
import { guardCode, type Holding, leftOf, lossLevels } from "./guardCode.ts";
import { mostSuspects, openLossOracle } from "./openLossOracle.ts";

const address = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const [token, guard, sender, coinbase] = [0xa1, 0xa2, 0xa3, 0xa4].map(address) as [Address, Address, Address, Address];
const amount = 10_000n;
// One more than there are kinds of loss in what is looked at.
const holdings = Array.from(
  { length: mostSuspects / lossLevels.length + 1 },
  (_, i): Holding => ({ holder: address(0xb00 + i), token, amount }),
);
// Asked with a selector and a word, what is stored for the word; else stores its second word for its first.
const tokenCode = fromHex("0x36602414600e576020355f3555005b600435545f5260205ff3");

async function openOracle() {
  const plain = { balance: 0n, nonce: 1n, code: new Uint8Array() };
  const storage = new Map(holdings.map(({ holder }) => [BigInt(holder), amount]));
  const engine = await openEngine({
    fork: "cancun",
    chainId: 1n,
    block: {
      ...{ number: 1n, timestamp: 1n, gasLimit: 1n << 40n, baseFeePerGas: 0n, prevRandao: 0n, excessBlobGas: 0n },
      coinbase,
    },
    accounts: new Map([
      [token, { ...plain, code: tokenCode, storage }],
      [guard, { ...plain, code: guardCode(holdings) }],
      [sender, plain],
      [coinbase, plain],
    ]),
    hooks: { edges: true, comparisons: true },
  });
  const target: HuntTarget = {
    ...{ engine, callables: [], properties: [], senders: [sender], addresses: [], mostSeconds: 0 },
    ...{ dictionary: openDictionary([], []), assertionEvents: new Map(), tellPlace: () => undefined },
  };
  const setting = { stage: openStage(engine), target, elapsed: () => 0, look() {}, notePath() {} };
  return openLossOracle(setting, { address: guard, holdings });
}

/** Leaves a holder with so much. */
const leaving = ({ holder }: Holding, left: bigint): Call => ({
  ...{ callable: guessedCallable(token, "0x", [], false), from: sender, value: 0n, seconds: 0, places: [] },
  input: fromHex(`0x${toWord(holder)}${toWord(left)}`),
});

test("LAB-36: a search is told to be full by the first kind of loss that is turned away, and by no loss that is known", async () => {
  const oracle = await openOracle();
  const kinds = holdings
    .slice(0, -1)
    .flatMap((holding) => lossLevels.map((bps) => leaving(holding, leftOf(amount, bps))));
  for (const call of kinds) oracle.judgeState({ calls: [call] });
  expect([oracle.takeSuspects(), oracle.isFull()]).toEqual([kinds.map((call) => [call]), false]);
  // Again, alone and after a call that has nothing to do with it.
  const idle = leaving(holdings[0]!, amount);
  for (const call of kinds) for (const before of [[], [idle]]) oracle.judgeState({ calls: [...before, call] });
  expect([oracle.takeSuspects(), oracle.isFull()]).toEqual([[], false]);
  oracle.judgeState({ calls: [leaving(holdings.at(-1)!, 0n)] });
  expect([oracle.takeSuspects(), oracle.isFull()]).toEqual([[], true]);
});
