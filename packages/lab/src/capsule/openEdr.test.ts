import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EvmBlock, OpenEvm } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { afterEach, describe, expect, test, vi } from "vitest";
import { describeEvm } from "../engine/Evm.suite.testkit.ts";
import type { NodeEvm } from "../engine/openNodeEvm.ts";
import { openTestudo } from "../engine/openTestudo.ts";
import { RulesUnknownToEdr } from "../engine/startEdr.ts";
import { describeRealBlocks } from "../record/realBlocks.testkit.ts";
import { recordedState } from "../record/recordedState.ts";
import { openEdr } from "./openEdr.ts";

const opened: NodeEvm[] = [];
afterEach(async () => {
  for (const evm of opened.splice(0)) await evm.close();
});

const open: OpenEvm = async (source, block) => {
  const evm = await openEdr(source, block);
  opened.push(evm);
  return evm;
};

describe("EVM-05: EDR", () => {
  describeEvm(open);
  describeRealBlocks(open);
});

const sender: Hex = `0x${"a1".repeat(20)}`;
const rich = (balance: bigint) => ({ balance, nonce: 0n, code: "0x" as Hex, storage: new Map<Hex, Hex>() });
const block: EvmBlock = {
  chainId: 1,
  number: 20_000_000n,
  timestamp: 1_717_281_407n,
  baseFeePerGas: 7n,
  gasLimit: 30_000_000n,
  coinbase: `0x${"c0".repeat(20)}`,
  prevRandao: `0x${"01".repeat(32)}`,
};
const tx = { from: sender, to: sender, value: 0n, input: "0x", gas: 21_000n } as const;

test("EVM-05: EDR leaves nothing on the disk, by which it would take one state for another", async () => {
  // A place of its own: other tests run EDR at the same time.
  const place = mkdtempSync(join(tmpdir(), "testudo-place-"));
  vi.stubEnv("TMPDIR", place);
  for (const balance of [10n ** 18n, 10n ** 17n]) {
    const source = recordedState({ accounts: new Map([[sender, rich(balance)]]), absentSlots: "zero" });
    const evm = await openEdr(source, block);
    const outcome = await evm.run(tx);
    const left = await evm.read({ kind: "balance", address: sender });
    expect(outcome).toMatchObject({ kind: "ran", gasUsed: 21_000n });
    expect(left.ok && BigInt(left.value)).toBe(balance - 21_000n * 7n);
    await evm.close();
  }
  expect(readdirSync(place)).toEqual([]);
  expect(existsSync("edr-cache")).toBe(false);
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true });
});

test("EVM-05: EDR knows the forks that change blobs alone as long as there are none", async () => {
  const source = recordedState({ accounts: new Map([[sender, rich(10n ** 18n)]]), absentSlots: "zero" });
  const evm = await openEdr(source, { ...block, hardfork: "bpo2" });
  expect(await evm.run(tx)).toMatchObject({ kind: "ran", succeeded: true });
  await evm.close();
  const other = await openEdr(source, { ...block, hardfork: "bpo2", excessBlobGas: 1n });
  await expect(other.run(tx)).rejects.toThrow(RulesUnknownToEdr);
  await other.close();
});

test.each<[string, Hex]>([
  ["to itself", sender],
  ["to one that delegates back", `0x${"b2".repeat(20)}`],
])("EVM-05: a call of an account that delegates %s fails as on our engine, and ends", async (_, other) => {
  const delegating = (to: Hex) => ({ ...rich(10n ** 18n), code: `0xef0100${to.slice(2)}` as Hex });
  const accounts = new Map([
    [sender, delegating(other)],
    [other, delegating(sender)],
  ]);
  const state = recordedState({ accounts, absentSlots: "zero" });
  const prague = { ...block, hardfork: "prague" };
  const called = { ...tx, gas: 50_000n };
  const outcome = await (await open(state, prague)).run(called);
  const ours = await (await openTestudo(state, prague, "prague")).run(called);
  expect(outcome).toMatchObject({ kind: "ran", succeeded: false, gasUsed: 50_000n });
  expect(ours).toMatchObject({ kind: "ran", succeeded: false, gasUsed: 50_000n });
});
