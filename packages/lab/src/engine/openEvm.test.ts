import type { EvmBlock } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { recordedState } from "../record/recordedState.ts";
import { openEvm } from "./openEvm.ts";

const alice: Address = `0x${"a1".repeat(20)}`;
const tried: Address = `0x${"d1".repeat(20)}`;
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;

/** What `code` stores in slot 0 under the rules of a fork; undefined where it fails. */
async function stored(code: Hex, hardfork: string): Promise<Hex | undefined> {
  const accounts = new Map([
    [alice, { balance: 10n ** 18n, nonce: 0n, code: "0x" as Hex, storage: new Map<Hex, Hex>() }],
    [tried, { balance: 0n, nonce: 0n, code, storage: new Map<Hex, Hex>() }],
  ]);
  const block: EvmBlock = {
    chainId: 1,
    number: 20_000_000n,
    timestamp: 1_717_281_407n,
    baseFeePerGas: 7n,
    gasLimit: 30_000_000n,
    coinbase: `0x${"c0".repeat(20)}`,
    prevRandao: word(1),
    hardfork,
  };
  const evm = await openEvm(recordedState({ accounts, absentSlots: "zero" }), block);
  const outcome = await evm.run({ from: alice, to: tried, value: 0n, input: "0x", gas: 200_000n });
  if (outcome.kind === "refused") throw new Error(outcome.detail);
  const answer = await evm.read({ kind: "slot", address: tried, slot: word(0) });
  return outcome.succeeded && answer.ok ? answer.value : undefined;
}

test.each([
  // CHAINID, TLOAD of slot 0 plus one, CLZ of 1.
  ["istanbul", "london", "0x46600055", word(1)],
  ["transient storage", "shanghai", "0x60005c600101600055", undefined],
  ["transient storage", "cancun", "0x60005c600101600055", word(1)],
  ["leading zeros", "prague", "0x60011e600055", undefined],
  ["leading zeros", "osaka", "0x60011e600055", word(255)],
  ["leading zeros", "bpo2", "0x60011e600055", word(255)],
] as const)("EVM-04: a block runs by its own rules: %s in %s", async (_, hardfork, code, expected) => {
  expect(await stored(code, hardfork)).toBe(expected);
});
