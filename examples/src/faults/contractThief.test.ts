import type { Simulation } from "@testudo/core/model/Simulation";
import { encodeDeployData, encodeFunctionData, getContractAddress } from "viem/utils";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, type TillWorld, thiefAddress, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const loot = tillHolds / 2n;
const thiefContract = getContractAddress({ from: thiefAddress, nonce: 0n });

const send = (world: TillWorld, transaction: object) =>
  world.endpoint.request("eth_sendTransaction", [{ from: thiefAddress, gas: "0x100000", ...transaction }]);
const deployThief = (world: TillWorld) => send(world, { data: world.made.Thief!.bytecode });
const tellThief = (world: TillWorld, isStubborn: boolean) => {
  const args = [world.params.till, loot, isStubborn];
  return send(world, {
    to: thiefContract,
    data: encodeFunctionData({ abi: world.made.Thief!.abi, functionName: "steal", args }),
  });
};

/** Plays `attack` and gives the trial of the pause that is proposed against it. */
async function tryAgainst(attack: (world: TillWorld) => Promise<unknown>) {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const head = await world.mine(3);
  const watch = await watchTill(world, folder.path, { guardians: 0 });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  await attack(world);
  await world.mine();
  const trial = () =>
    watch.commits
      .flatMap(({ records }) => records)
      .find((record): record is Simulation => record.kind === "Simulation");
  await watch.until(() => trial() !== undefined, { mineMs: 1_000 });
  const { passed, note, calls } = trial()!;
  return { passed, note, own: calls.filter(({ name }) => name === "the attack's own call"), states: watch.states() };
}

test("RESP-03: a theft from a constructor is played again after the pause, and reverts", async () => {
  const { passed, note, own } = await tryAgainst((world) =>
    send(world, { data: encodeDeployData({ ...world.made.BornThief!, args: [world.params.till, loot] }) }),
  );
  expect({ passed, note }).toEqual({
    passed: true,
    note: "2 calls did as expected, 1 of the attack's own among them",
  });
  expect(own).toMatchObject([{ expect: "reverts", succeeded: false }]);
});

test("RESP-03: a theft by a contract is played again after the pause, and reverts", async () => {
  const { passed, own } = await tryAgainst(async (world) => {
    await deployThief(world);
    await world.mine();
    await tellThief(world, false);
  });
  expect(passed).toBe(true);
  expect(own).toMatchObject([{ expect: "reverts", succeeded: false }]);
});

test("RESP-03: a theft by a contract that was made in the same block is played again with what came before it", async () => {
  const { passed, own } = await tryAgainst(async (world) => {
    await deployThief(world);
    await tellThief(world, false);
  });
  expect(passed).toBe(true);
  expect(own).toMatchObject([{ expect: "reverts", succeeded: false }]);
});

test("RESP-03: a theft that finds another way when the function is paused fails the trial", async () => {
  const { passed, note, own, states } = await tryAgainst(async (world) => {
    await deployThief(world);
    await world.mine();
    await tellThief(world, true);
  });
  expect(passed).toBe(false);
  expect(own).toMatchObject([{ expect: "reverts", succeeded: true }]);
  expect(note).toContain("it takes the money all the same");
  expect(states).toContain("simulation-failed");
});

test("RESP-03: money of a thief's own making, and the paused function on his own books, do not fail the trial", async () => {
  const { passed, note, own } = await tryAgainst(async (world) => {
    await send(world, { data: world.made.SlyThief!.bytecode });
    await world.mine();
    const args = [world.params.till, loot];
    const data = encodeFunctionData({ abi: world.made.SlyThief!.abi, functionName: "steal", args });
    await send(world, { to: thiefContract, data });
  });
  expect(passed).toBe(true);
  expect(own).toMatchObject([{ expect: "reverts", succeeded: true }]);
  // Guardians are told what of it goes on.
  expect(note).toContain(`it goes on, and takes ${thiefContract.toLowerCase()} all the same`);
});

test("RESP-03: a theft through a function that is not paused fails the trial", async () => {
  const { passed, note, own } = await tryAgainst((world) =>
    send(world, {
      to: world.params.till,
      data: encodeFunctionData({ abi: world.made.Till!.abi, functionName: "sweep", args: [loot] }),
    }),
  );
  expect(passed).toBe(false);
  expect(own).toEqual([]);
  expect(note).toMatch(/^the attack goes on in spite of it: 0x[0-9a-f]{64}.* calls no paused function$/);
});

test("RESP-03: where nothing of a loss can be played again the trial says so", async () => {
  const { passed, note, own } = await tryAgainst((world) =>
    // The books change without any transaction, as if the token's owner had rewritten them.
    rewriteBooks(world),
  );
  expect({ passed, own }).toEqual({ passed: true, own: [] });
  expect(note).toMatch(/^1 calls did as expected, 0 of the attack's own among them: the findings name no transaction/);
});

async function rewriteBooks(world: TillWorld): Promise<void> {
  const { keccak256, encodeAbiParameters, toHex } = await import("viem");
  const key = encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [world.params.till, 0n]);
  await world.endpoint.request("anvil_setStorageAt", [world.params.token, keccak256(key), toHex(loot, { size: 32 })]);
}
