import { readNextBlock } from "@testudo/chain/block/readNextBlock";
import { openNodeState } from "@testudo/chain/state/openNodeState";
import type { Hex } from "@testudo/core/model/Hex";
import { openEvm } from "@testudo/lab/engine/openEvm";
import { type ProbeRequest, probeContract } from "@testudo/lab/probe/probeContract";
import { openNamedTokens } from "testudo/preblock/namedTokens";
import { readProbeWords } from "testudo/preblock/probeWords";
import { getContractAddress } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTill, type TillWorld, thiefAddress, tillHolds } from "./till.testkit.ts";

let world: TillWorld;
const thief = getContractAddress({ from: thiefAddress, nonce: 0n }).toLowerCase() as Hex;

beforeAll(async () => {
  world = await openTill();
  const data = world.made.Thief!.bytecode;
  await world.endpoint.request("eth_sendTransaction", [{ from: thiefAddress, data, gas: "0x100000" }]);
  await world.mine();
});
afterAll(() => world?.close());

async function probe(change: Partial<ProbeRequest> = {}) {
  const head = (await world.endpoint.request("eth_getBlockByNumber", ["latest", false])) as { readonly hash: Hex };
  const next = await readNextBlock(world.endpoint, head.hash, { chainId: 31_337, secondsLater: 2n });
  const evm = await openEvm(openNodeState(world.endpoint, head.hash), { ...next, baseFeePerGas: 0n });
  return probeContract({
    evm,
    chainId: 31_337,
    contract: thief,
    deployer: thiefAddress,
    protect: [world.params.till],
    amounts: [tillHolds / 2n],
    block: next,
    // Budgets of time are for real machines; this one may be slow.
    now: () => 0,
    ...change,
  });
}

test("PRE-06: a thief's contract is found to do harm before it is called, with the call that does it", async () => {
  const { outcome, harm, calls } = await probe();
  expect(outcome).toBe("harm");
  expect(calls).toBeLessThanOrEqual(256);
  expect(harm?.findings[0]).toMatchObject({ subject: world.params.till });
  // The call is real: a node runs it as the probe did.
  const { from, to, input } = harm!;
  await expect(world.endpoint.request("eth_call", [{ from, to, data: input }, "latest"])).resolves.toBe("0x");
});

test("PRE-07: a till's token is known by its own word, and half, all and a tenth of what it holds are tried", async () => {
  const { hash } = (await world.endpoint.request("eth_getBlockByNumber", ["latest", false])) as { readonly hash: Hex };
  const next = await readNextBlock(world.endpoint, hash, { chainId: 31_337, secondsLater: 2n });
  const evm = await openEvm(openNodeState(world.endpoint, hash), next);
  const { till, token } = world.params;
  const tokens = await openNamedTokens([till])(evm, []);
  expect(tokens).toContain(token);
  const words = await readProbeWords(evm, { protect: [till], deployer: thiefAddress }, tokens);
  expect(words).toEqual({ addresses: [token], amounts: [tillHolds / 2n, tillHolds, tillHolds / 10n] });
  expect((await probe(words)).outcome).toBe("harm");
});

test("PRE-05: a budget of calls or time ends a probe, and it says so", async () => {
  expect(await probe({ limits: { calls: 1, guided: 0, ms: 1_000 } })).toMatchObject({ outcome: "budget", calls: 1 });
  let clock = 0;
  expect(await probe({ now: () => (clock += 900) })).toMatchObject({ outcome: "budget" });
});

test("PRE-05: an honest token does no harm, whatever it is called with", async () => {
  const result = await probe({ contract: world.params.token });
  expect(result.outcome).toBe("no-harm");
  expect(result.harm).toBeUndefined();
});

test("PRE-05: a contract whose one function always reverts is gated: what it would do for somebody else is not known", async () => {
  const contract: Hex = `0x${"6a".repeat(20)}`;
  // Compares the selector as a dispatcher does, and reverts whatever came of it.
  await world.endpoint.request("anvil_setCode", [contract, "0x60003560e01c6311223344145060006000fd"]);
  await world.mine();
  expect(await probe({ contract })).toMatchObject({ outcome: "gated", functions: ["0x11223344"] });
});

test("evasion: with templates alone a thief who needs an amount that is not tried passes for harmless", async () => {
  expect((await probe({ amounts: [] })).outcome).toBe("no-harm");
});
