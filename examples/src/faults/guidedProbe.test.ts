// Contracts that templates alone let pass, and the search does not; those that do no harm, and those that would never end.
import { StateMissing, type StateSource } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { mostGasOfCall } from "@testudo/lab/probe/mostGasOfCall";
import { mostGasOfAdvance, openSearch } from "@testudo/lab/probe/openSearch";
import { type ProbeLimits, type ProbeResult, probeLimits } from "@testudo/lab/probe/probeContract";
import { toFunctionSelector } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { burners, openThieves, type ProbeChange, type ThiefName, type ThiefWorld } from "./thieves.testkit.ts";
import { thiefAddress, tillHolds } from "./till.testkit.ts";

let world: ThiefWorld;

beforeAll(async () => {
  world = await openThieves();
});
afterAll(() => world?.till.close());

interface Change extends Partial<Omit<ProbeChange, "limits">> {
  readonly limits?: Partial<ProbeLimits>;
}

/** Budgets of time are for real machines; this one may be slow. */
const probe = (name: ThiefName, { limits, ...change }: Change = {}) =>
  world.probe(name, { now: () => 0, ...change, limits: { ...probeLimits, guided: 60_000, ...limits } });

const alone = { limits: { guided: 0 } };

/** Makes the calls on a node; what the till holds then. */
async function play({ harm }: ProbeResult): Promise<bigint> {
  const { endpoint, params } = world.till;
  const mark = await endpoint.request("evm_snapshot", []);
  for (const { from, to, input, value } of [...harm!.before, harm!]) {
    await endpoint.request("anvil_impersonateAccount", [from]);
    await endpoint.request("anvil_setBalance", [from, "0xde0b6b3a7640000"]);
    const tx = { from, to, data: input, value: `0x${value.toString(16)}`, gas: "0x100000" };
    await endpoint.request("eth_sendTransaction", [tx]);
    await world.till.mine();
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
    expect([without.harm, without.guided]).toEqual([undefined, undefined]);
    const found = await probe(name);
    expect(found).toMatchObject({ outcome: "harm", isTried: true, calls: without.calls });
    expect(found.harm!.findings[0]).toMatchObject({ subject: world.till.params.till, detector: "asset-drain" });
    expect(await play(found)).toBeLessThan(tillHolds);
  },
);

test.each(["ArmedThief", "QuotaThief"] as const)(
  "LAB-36: what %s takes of a token that nobody knew to be held is found too",
  async (name) => {
    expect(await probe(name, { addresses: [] })).toMatchObject({ outcome: "harm" });
  },
);

test("LAB-36: a theft in two steps is told with the step that comes first, and nothing else", async () => {
  const { harm } = await probe("ArmedThief");
  expect(harm!.before).toMatchObject([{ from: thiefAddress, to: world.at.get("ArmedThief") }]);
  expect([harm!.before[0]!.input.slice(0, 10), harm!.input.slice(0, 10)]).toEqual([
    toFunctionSelector("arm(uint256)"),
    toFunctionSelector("fire()"),
  ]);
});

test("LAB-36: as many guided calls find the same, and tell the same of what they tried", async () => {
  const [one, other] = [await probe("QuotaThief"), await probe("QuotaThief")];
  expect(one).toEqual(other);
  expect(one.guided!.calls).toBeLessThan(60_000);
});

test("LAB-36: a harmless contract is called as often as the budget lets, gives no finding, and its shut door is told", async () => {
  const { outcome, harm, functions, reached, guided, limits } = await probe("Harmless", {
    limits: { guided: 20_000, calls: 2_000 },
  });
  expect([outcome, harm]).toEqual(["gated", undefined]);
  expect(guided!.calls).toBeGreaterThanOrEqual(limits.guided);
  expect(functions.filter((name) => !reached.includes(name))).toEqual([toFunctionSelector("shut(bytes32)")]);
  expect(guided!.blocks.ran).toBeGreaterThan(guided!.blocks.all / 2);
});

// Pairs is left to the bench: a million gas of it takes a second.
test.each(burners.filter((name) => name !== "Pairs"))(
  "LAB-36: %s burns all gas, makes no turn of the search longer than its gas, and does no harm",
  async (name) => {
    const { ground, contract, words } = await world.groundOf(name);
    const search = (await openSearch(ground, contract, words))!;
    let before = 0;
    for (let turn = 0; turn < 8; turn++) {
      await search.advance();
      const { gas } = search.report();
      expect(gas).toBeGreaterThan(before);
      expect(gas - before).toBeLessThanOrEqual(mostGasOfAdvance(mostGasOfCall(ground.block)));
      before = gas;
    }
    expect(search.takeSuspects()).toEqual([]);
  },
);

test("LAB-36: state that a node does not give leaves calls put off, and the answer is budget, with what was tried", async () => {
  const { till } = world.till.params;
  const sourceOf = (source: StateSource): StateSource => ({
    ...source,
    async slot(address, key) {
      if (address === till) throw new StateMissing("missing-state", `Slot ${key} of ${address}`);
      return source.slot(address, key);
    },
  });
  const result = await probe("ShyThief", { sourceOf, limits: { guided: 2_000 } });
  expect(result).toMatchObject({ outcome: "budget", isTried: true });
  expect(result.guided!.missing).toBeGreaterThan(0);
  expect(result.guided!.calls).toBeGreaterThanOrEqual(2_000);
});

test("LAB-36: state that comes late is waited for, and the calls that needed it are made then", async () => {
  let asked = 0;
  const sourceOf = (source: StateSource): StateSource => ({
    ...source,
    async slot(address, key) {
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return source.slot(address, key);
    },
  });
  const result = await probe("ShyThief", { sourceOf, limits: { ms: 60_000 } });
  expect(result).toMatchObject({ outcome: "harm", guided: { missing: 0 } });
  expect(asked).toBeGreaterThan(0);
});

test("LAB-36: a node that never answers does not hold a probe up beyond its budget", async () => {
  const sourceOf = (source: StateSource): StateSource => ({ ...source, slot: () => new Promise(() => {}) });
  expect(await probe("ShyThief", { sourceOf, limits: { ms: 300 } })).toMatchObject({
    outcome: "budget",
    isTried: true,
  });
});

test("LAB-36, PRE-05: templates have half of the time, and a budget that is over before they are is told with what was tried", async () => {
  let clock = 0;
  const result = await probe("Harmless", { now: () => (clock += 20), limits: { ms: 1_000 } });
  expect(result).toMatchObject({ outcome: "budget", isTried: false, limits: { ms: 1_000 } });
  expect(result.calls).toBeGreaterThan(10);
  expect(result.calls).toBeLessThanOrEqual(25);
  expect(result.guided!.calls).toBeGreaterThan(0);
});

test("evasion: a thief behind the preimage of a hash passes for gated", async () => {
  const { outcome, guided } = await probe("HashThief", { limits: { guided: 10_000 } });
  expect(outcome).toBe("gated");
  expect(guided!.calls).toBeGreaterThanOrEqual(10_000);
});
