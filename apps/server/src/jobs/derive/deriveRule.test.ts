import { join } from "node:path";
import { compile } from "@testudo/contracts/compile";
import type { DeriveRequest } from "@testudo/core/model/Derivation";
import { type Address, type Hex, toLower, zeroHash } from "@testudo/core/model/Hex";
import { encodeFunctionData, toFunctionSelector } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AnvilNode, type Mined, openAnvilNode } from "./anvilNode.testkit.ts";
import { deriveRule } from "./deriveRule.ts";

const ether = 10n ** 18n;
const hex = (value: bigint): Hex => `0x${value.toString(16)}`;
const purse = compile([join(import.meta.dirname, "Purse.testkit.sol")]).Purse!;
const [pay, take] = ["pay()", "take(uint256)"].map((signature) => toFunctionSelector(signature)) as [Hex, Hex];

let node: AnvilNode;
beforeAll(async () => {
  node = await openAnvilNode(["--hardfork", "cancun"]);
});
afterAll(() => node?.stop());

async function send(tx: object): Promise<Mined> {
  const mined = await node.send({ gas: "0xf4240", maxFeePerGas: "0x77359400", maxPriorityFeePerGas: "0x0", ...tx });
  expect(mined.status).toBe("0x1");
  return mined;
}

const calls = (target: Address) => ({
  pay: (from: Address, value: bigint) => send({ from, to: target, value: hex(value), gas: "0x1d4c0", data: pay }),
  take: (from: Address, amount: bigint) =>
    send({ from, to: target, data: encodeFunctionData({ abi: purse.abi, functionName: "take", args: [amount] }) }),
});

function request(target: Address, attack: Hex): DeriveRequest {
  return {
    ...{ id: zeroHash, incident: zeroHash, decision: zeroHash, anomaly: zeroHash, damage: zeroHash, blocks: [] },
    ...{ playbook: "derive", target, durationSeconds: 3_600, attack: [attack] },
  };
}

test("LAB-22: an honest user whose transaction cannot be played, since what paid for it is not recorded, is known all the same", async () => {
  const { accounts, endpoint } = node;
  const made = await send({ from: accounts[0], data: purse.bytecode, value: hex(500n * ether) });
  const target = toLower(made.contractAddress);
  const purseOf = calls(target);
  for (const user of accounts.slice(1, 6)) {
    await endpoint.request("anvil_setBalance", [user, hex(ether)]);
    await purseOf.pay(user, (ether * 999n) / 1_000n);
    // A plain payment, which does not touch the purse.
    await send({ from: accounts[8], to: user, value: hex(ether) });
    await purseOf.take(user, 1n);
  }
  // Longer than the rule is to last: what was honest then is still to be let through.
  await endpoint.request("evm_increaseTime", [7_200]);
  await endpoint.request("evm_mine", []);
  const { transactionHash } = await purseOf.take(accounts[9]!, 400n * ether);
  const kinds = ["DENY", "ARG_MAX"] as const;
  const permission = { target, selectors: [take, pay], kinds, maxDurationSeconds: 3_600, oracles: [] };
  const permissions = [{ ...permission, amounts: [{ selector: take, argIndex: 0, lowestMax: 0n }] }];
  const bounds = { permissions, aDay: 3, leastHonest: 5, lookBackBlocks: 200, budgetMs: 60_000 };
  const task = { request: request(target, transactionHash), bounds, exempt: [], holders: [] };
  const { derived } = await deriveRule(endpoint, task, () => {});
  expect(derived.rule).toMatchObject({ kind: "ARG_MAX", selector: take });
  expect(derived.tried.flatMap(({ rules }) => rules).filter(({ kind }) => kind === "DENY")).toEqual([]);
  expect(derived.honest).toMatchObject({ recorded: 5, senders: 5, seen: 5 });
  // Recorded once with all of them, and once without those that cannot be played.
  expect(derived.stages.filter(({ stage }) => stage === "record").map(({ count }) => count)).toEqual([11, 6]);
});
