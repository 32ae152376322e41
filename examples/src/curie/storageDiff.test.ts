import { createRequire } from "node:module";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { gateProxy } from "@testudo/contracts";
import type { Abi, Hex } from "viem";
import { encodeDeployData, encodeFunctionData, keccak256, pad, toBytes, toFunctionSelector, toHex } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getCast } from "./Cast.ts";
import { type Call, type ChainSession, execute, openSession, type Receipt, rpc } from "./ChainSession.ts";
import { curieBuild } from "./curieArtifacts.ts";
import * as calls from "./curieCalls.ts";
import { deployFromCast, onBranch, prepareNode } from "./defendedStage.testkit.ts";
import { type CurieSystem, deployCurie, type Wrap } from "./deployCurie.ts";
import { outcomeOf } from "./outcomes.testkit.ts";
import { createRandom } from "./Random.ts";
import { type SeededMarket, seedMarket, startPriceWad } from "./seedMarket.ts";
import { differingSlots, namespaceRoot, readStorage, type Storage, selectorSlot } from "./storageOf.testkit.ts";

// The same Curie three times, on three chains, with the same seed, traffic, nonces and so the same addresses: bare,
// behind GateProxy, and behind OpenZeppelin's plain ERC-1967 proxy. The caller of the initialisers plays breaker and
// timelock.
const controller = getCast().deployer;
const why = { reason: keccak256(toBytes("test")), evidence: keccak256(toBytes("the record")) } as const;
const require = createRequire(import.meta.url);
const plainProxy = require("@openzeppelin/contracts/build/contracts/ERC1967Proxy.json") as { abi: Abi; bytecode: Hex };

type World = {
  session: ChainSession;
  system: CurieSystem;
  groups: SeededMarket;
  storage: Storage;
  stop: () => Promise<void>;
};

const idle = (session: ChainSession) =>
  execute(session, [{ from: controller, to: controller.address, data: "0x" }], "a transaction to even the nonces");

// Each wrap sends two transactions in two blocks: what stands behind a proxy is initialised by its constructor.
const wraps = {
  bare:
    (session: ChainSession): Wrap =>
    async (name, _, data) => {
      const address = await deployFromCast(session, curieBuild(name).bytecode, name);
      await execute(session, [{ from: controller, to: address, data }], `${name}'s initialiser`);
      return address;
    },
  gate:
    (session: ChainSession): Wrap =>
    async (name, implementation, initData) => {
      const args = [implementation, initData, controller.address, controller.address] as const;
      const address = await deployFromCast(session, encodeDeployData({ ...gateProxy, args }), `${name}'s gate`);
      await idle(session);
      return address;
    },
  plain:
    (session: ChainSession): Wrap =>
    async (name, implementation, initData) => {
      const data = encodeDeployData({ ...plainProxy, args: [implementation, initData] });
      const address = await deployFromCast(session, data, `${name}'s proxy`);
      await idle(session);
      return address;
    },
};

async function openWorld(kind: keyof typeof wraps): Promise<World> {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  try {
    const session = await openSession(anvil.url);
    await prepareNode(session);
    const system = await deployCurie(session, startPriceWad, wraps[kind](session));
    const groups = await seedMarket(session, system, getCast(), createRandom(1));
    await traffic(session, system, groups);
    return { session, system, groups, storage: await readStorage(session), stop: anvil.stop };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

/** One of each kind of call after the seeding: money in and out, risk up and down. */
function traffic(session: ChainSession, system: CurieSystem, { flat, holders }: SeededMarket): Promise<Receipt[]> {
  const [a, b, c] = flat;
  return execute(
    session,
    [
      calls.deposit(system, a!, calls.usdc(70)),
      calls.withdraw(system, a!, calls.usdc(50)),
      calls.withdrawAll(system, b!),
      calls.openLong(system, c!, calls.wad(500)),
      calls.closePosition(system, holders[0]!),
    ],
    "traffic",
  );
}

let [bare, gate, plain]: World[] = [];
beforeAll(async () => {
  bare = await openWorld("bare");
  gate = await openWorld("gate");
  plain = await openWorld("plain");
});
afterAll(() => Promise.all([bare, gate, plain].map((world) => world?.stop())));

// EIP-2935 keeps the hashes of old blocks here, and other transactions make other hashes.
const blockHashes = "0x0000f90827f1c53a10cb7a02335b175320002935";
const gateSlot = namespaceRoot("testudo.storage.GateProxy");
const pauseRoot = namespaceRoot("testudo.storage.SelectorBreaker");
const erc1967Slot = toHex(BigInt(keccak256(toBytes("eip1967.proxy.implementation"))) - 1n, { size: 32 });
const inWord = (address: Hex) => pad(address.toLowerCase() as Hex, { size: 32 });
const slotsOf = (world: World, address: Hex) => world.storage.get(address.toLowerCase() as Hex)!;
const asController = (to: Hex, functionName: "writePause" | "setGate", args: readonly unknown[]): Call => ({
  from: controller,
  to,
  data: encodeFunctionData({ abi: gateProxy.abi as Abi, functionName, args }),
});
const withdrawSelector = toFunctionSelector("withdraw(address,uint256)");

test("INTEG-01: the three deployments are the same but for what stands before Vault and ClearingHouse", () => {
  expect(gate!.system).toEqual(bare!.system);
  expect(plain!.system).toEqual(bare!.system);
  expect(slotsOf(bare!, bare!.system.vault).size).toBeGreaterThan(40);
  expect(slotsOf(bare!, bare!.system.clearingHouse).size).toBeGreaterThan(5);
});

test("INTEG-01: Vault and ClearingHouse behind the gate have every slot that they have bare, and two of the gate's", () => {
  for (const address of [bare!.system.vault, bare!.system.clearingHouse]) {
    const differing = differingSlots(bare!.storage, gate!.storage, address);
    expect([...differing.keys()].sort()).toEqual([gateSlot, erc1967Slot].sort());
    for (const [, [before]] of differing) expect(before).toBeUndefined();
    // Both slots name the implementation, and the gate is shut (no flag above the address).
    const [first, second] = [...differing.values()].map(([, after]) => after);
    expect(first).toBe(second);
    expect(first).not.toBe(inWord(address));
  }
});

test("INTEG-01: no other contract of the chain notices the gate", () => {
  const [vault, clearingHouse] = [gate!.system.vault, gate!.system.clearingHouse].map((a) => a.toLowerCase() as Hex);
  const others = [...new Set([...bare!.storage.keys(), ...gate!.storage.keys()])].filter(
    (address) => address !== vault && address !== clearingHouse && address !== blockHashes,
  );
  expect(others.length).toBeGreaterThan(10);
  expect(others.filter((address) => differingSlots(bare!.storage, gate!.storage, address).size > 0)).toEqual([]);
});

test("INTEG-01: a pause writes one word, in the gate's own namespace", async () => {
  const { session, system } = gate!;
  await onBranch(session, async () => {
    const until = 2_000_000_000n;
    await execute(session, [asController(system.vault, "writePause", [withdrawSelector, until])], "a pause");
    const paused = await readStorage(session);
    const slot = selectorSlot(pauseRoot, withdrawSelector);
    expect([...differingSlots(gate!.storage, paused, system.vault)]).toEqual([
      [slot, [undefined, toHex(until, { size: 32 })]],
    ]);
  });
});

test("INTEG-02: with the gate opened by the timelock a pause holds nobody, and a pass costs at most 150 gas more than a plain proxy's", async () => {
  const [opened, original] = [await withdrawOnce(gate!, openGates), await withdrawOnce(plain!, idleBlock)];
  expect(opened.passes).toBe(original.passes);
  const perPass = (opened.gasUsed - original.gasUsed) / opened.passes;
  expect(perPass).toBeGreaterThan(0);
  // The aim is 100. The comparison with the gate's own ten selectors makes it 118 here (docs/requirements/integration.md).
  expect(perPass).toBeLessThanOrEqual(150);
});

/** Gas of one withdrawal after `before`, and how often it passes a proxy: Curie's contracts call each other. */
async function withdrawOnce(world: World, before: (world: World) => Promise<void>) {
  const { session, system, groups } = world;
  return onBranch(session, async () => {
    await before(world);
    const call = calls.withdraw(system, groups.flat[3]!, calls.usdc(10));
    const [{ gasUsed, transactionHash }] = (await execute(session, [call], "a withdrawal")) as [Receipt];
    const options = { tracer: "callTracer" };
    const trace = await rpc<Frame>(session.client, "debug_traceTransaction", [transactionHash, options]);
    const proxies = [system.vault, system.clearingHouse].map((address) => address.toLowerCase());
    const passes = framesOf(trace).filter((f) => f.type !== "DELEGATECALL" && proxies.includes(f.to ?? "")).length;
    return { gasUsed: Number(gasUsed), passes };
  });
}

type Frame = { readonly type: string; readonly to?: string; readonly calls?: readonly Frame[] };
const framesOf = (frame: Frame): Frame[] => [frame, ...(frame.calls ?? []).flatMap(framesOf)];

async function openGates({ session, system }: World): Promise<void> {
  const { vault, clearingHouse } = system;
  const opening = [vault, clearingHouse].map((to) => asController(to, "setGate", [true, why]));
  const pause = asController(vault, "writePause", [withdrawSelector, 2_000_000_000n]);
  await execute(session, [...opening, pause], "the gates open");
}

// The clock moves alike: funding is settled by the second.
async function idleBlock({ session }: World): Promise<void> {
  await idle(session);
}

test("INTEG-02: shut again by the timelock, the gate holds what is paused", async () => {
  const { session, system, groups } = gate!;
  await onBranch(session, async () => {
    const withdrawal = () => outcomeOf(session, calls.withdraw(system, groups.flat[3]!, calls.usdc(10)));
    await execute(session, [asController(system.vault, "writePause", [withdrawSelector, 2_000_000_000n])], "a pause");
    expect(await withdrawal()).toBe(`Breaker_Paused(${withdrawSelector}, 2000000000)`);
    await execute(session, [asController(system.vault, "setGate", [true, why])], "the gate opens");
    expect(await withdrawal()).toBe("success");
    await execute(session, [asController(system.vault, "setGate", [false, why])], "the gate shuts");
    expect(await withdrawal()).toBe(`Breaker_Paused(${withdrawSelector}, 2000000000)`);
  });
});
