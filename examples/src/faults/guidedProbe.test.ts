// Contracts that templates alone let pass, and the search does not; those that do no harm, and those that would never end.
import { fileURLToPath } from "node:url";
import { openNodeState } from "@testudo/chain/openNodeState";
import { readNextBlock } from "@testudo/chain/readNextBlock";
import { compile } from "@testudo/contracts/compile";
import type { StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { openEvm } from "@testudo/lab/openEvm";
import { type ProbeLimits, type ProbeResult, probeContract, probeLimits } from "@testudo/lab/probeContract";
import { encodeDeployData, getContractAddress } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chainId, openTill, type TillWorld, thiefAddress, tillHolds } from "./till.testkit.ts";

let world: TillWorld;
let made: ReturnType<typeof compile>;
const at = new Map<string, Address>();
const quota = 637_211n;
const names = ["KeyThief", "ArmedThief", "QuotaThief", "ShyThief", "Harmless", "Burner"] as const;

beforeAll(async () => {
  world = await openTill();
  made = compile([fileURLToPath(new URL("../../src/faults/Thieves.sol", import.meta.url))]);
  for (const [nonce, name] of names.entries()) {
    const args = name === "QuotaThief" ? [world.params.till, quota] : [world.params.till];
    const data = encodeDeployData({ ...made[name]!, args });
    await world.endpoint.request("eth_sendTransaction", [{ from: thiefAddress, data, gas: "0x200000" }]);
    await world.mine();
    at.set(name, getContractAddress({ from: thiefAddress, nonce: BigInt(nonce) }).toLowerCase() as Hex);
  }
});
afterAll(() => world?.close());

interface Change {
  readonly limits?: Partial<ProbeLimits>;
  readonly sourceOf?: (source: StateSource) => StateSource;
  readonly now?: () => number;
}

async function probe(name: (typeof names)[number], { limits, sourceOf = (source) => source, now = () => 0 }: Change = {}) {
  const { hash } = (await world.endpoint.request("eth_getBlockByNumber", ["latest", false])) as { readonly hash: Hex };
  const next = await readNextBlock(world.endpoint, hash, { chainId, secondsLater: 2n });
  const block = { ...next, baseFeePerGas: 0n };
  const source = openNodeState(world.endpoint, hash);
  const evm = await openEvm(source, block);
  return probeContract({
    evm,
    chainId,
    contract: at.get(name)!,
    deployer: thiefAddress,
    protect: [world.params.till],
    // What `readProbeWords` finds here.
    addresses: [world.params.token],
    amounts: [tillHolds / 2n, tillHolds, tillHolds / 10n],
    block: { number: next.number, timestamp: next.timestamp },
    search: { source: sourceOf(source), block },
    now,
    // Budgets of time are for real machines; this one may be slow.
    limits: { ...probeLimits, guided: 60_000, ...limits },
  });
}

const alone = { limits: { guided: 0 } };

/** Makes the calls on a node; what the till holds then. */
async function play({ harm }: ProbeResult): Promise<bigint> {
  const { endpoint, params } = world;
  const mark = await endpoint.request("evm_snapshot", []);
  for (const { from, to, input, value } of [...harm!.before, harm!]) {
    await endpoint.request("anvil_impersonateAccount", [from]);
    await endpoint.request("anvil_setBalance", [from, "0xde0b6b3a7640000"]);
    await endpoint.request("eth_sendTransaction", [{ from, to, data: input, value: `0x${value.toString(16)}`, gas: "0x100000" }]);
    await world.mine();
  }
  const data = `0x70a08231${params.till.slice(2).padStart(64, "0")}`;
  const left = BigInt((await endpoint.request("eth_call", [{ to: params.token, data }, "latest"])) as Hex);
  await endpoint.request("evm_revert", [mark]);
  return left;
}

test.each(["KeyThief", "ArmedThief", "QuotaThief", "ShyThief"] as const)(
  "LAB-36, PRE-06: %s passes for harmless with templates alone, and is found out by guided calls, as a node confirms",
  async (name) => {
    const without = await probe(name, alone);
    expect(without.harm).toBeUndefined();
    expect(without.outcome).not.toBe("harm");
    const found = await probe(name);
    console.log(name, found.outcome, found.calls, found.guided, found.harm?.before.length, found.harm?.findings[0]?.severity);
    expect(found.outcome).toBe("harm");
    expect(found.harm!.findings[0]).toMatchObject({ subject: world.params.till });
    expect(await play(found)).toBeLessThan(tillHolds);
  },
);

test("LAB-36: harmless", async () => {
  const result = await probe("Harmless");
  console.log(result);
});
test("LAB-36: burner", async () => {
  const result = await probe("Burner", { now: () => performance.now() });
  console.log(result);
});
