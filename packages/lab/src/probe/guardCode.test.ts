import type { Address } from "@testudo/core/model/Hex";
import { openEngine } from "@testudo/evm/openEngine";
import { expect, test } from "vitest";
import { fromHex } from "../record/bytes.ts";
import { guardCode, type Holding, leftOf, lossLevels, readHeld } from "./guardCode.ts";

const address = (digit: string): Address => `0x${digit.repeat(40)}`;
const [holder, token, burner, guard] = ["1", "2", "3", "4"].map(address) as [Address, Address, Address, Address];
// SLOAD(holder), whatever is asked: CALLDATALOAD(4) SLOAD MSTORE RETURN.
const tokenCode = fromHex("0x600435545f5260205ff3");
// JUMPDEST PUSH0 JUMP: never ends.
const endless = fromHex("0x5b5f56");

async function open(holdings: readonly Holding[]) {
  const plain = { balance: 0n, nonce: 1n, code: new Uint8Array() };
  const storage = new Map([[BigInt(holder), 900n]]);
  return openEngine({
    fork: "cancun",
    chainId: 1n,
    block: {
      ...{ number: 1n, timestamp: 1n, gasLimit: 1n << 40n, baseFeePerGas: 0n, prevRandao: 0n, excessBlobGas: 0n },
      coinbase: address("5"),
    },
    accounts: new Map([
      [holder, { ...plain, balance: 70n }],
      [token, { ...plain, code: tokenCode, storage }],
      [burner, { ...plain, code: endless }],
      [guard, { ...plain, code: guardCode(holdings) }],
    ]),
    hooks: { comparisons: true },
  });
}

test("LAB-36: what is held is read in one call, and a token that burns its gas or is none hides nothing of the others", async () => {
  const holdings = [undefined, burner, token, holder].map((one) => ({ holder, token: one, amount: 1_000n }));
  const engine = await open(holdings);
  const { output, gasUsed } = engine.call({ from: holder, to: guard, gas: 1_000_000n });
  expect(holdings.map((_, i) => readHeld(output, i))).toEqual([70n, 1_000n, 900n, 1_000n]);
  expect(gasUsed).toBeLessThan(300_000n);
});

test("LAB-36: each holding is compared with what is left after each loss, so that a search sees how near it is", async () => {
  const engine = await open([{ holder, token, amount: 1_000n }]);
  engine.call({ from: holder, to: guard, gas: 1_000_000n });
  expect(engine.comparisons().map(({ left, right }) => [left, right])).toEqual(
    lossLevels.map((bps) => [900n, leftOf(1_000n, bps)]),
  );
  expect(lossLevels.map((bps) => leftOf(1_000n, bps))).toEqual([1_000n, 950n, 800n, 500n]);
});
