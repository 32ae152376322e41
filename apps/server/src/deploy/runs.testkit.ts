// Runs of a deployment in a test's world: deploy, verify, let time pass, and act through the timelock.
import { join } from "node:path";
import { timelock } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { zeroHash } from "viem";
import { openKeystore } from "../keystore/openKeystore.ts";
import { deployFromFile, type Outcome, prepareVerify, type Subject } from "./deployFromFile.ts";
import { loadDeployment } from "./loadDeployment.ts";
import { openChain } from "./openChain.ts";
import { type Verified, verify } from "./verify.ts";
import { freshPrices, password, type World } from "./world.testkit.ts";

/** A key in the place of the slow wallet. */
export const key = `0x${"9".repeat(40)}` as const;

export async function open(world: World, file: string, said: string[] = []): Promise<Subject> {
  const loaded = await loadDeployment(file);
  const chain = await openChain(world.anvil.url, loaded.deployment.chainId, loaded.placeOf([]));
  return { loaded, chain, say: (line) => said.push(line) };
}

export function keystore(world: World) {
  return openKeystore(join(world.folder, "deployer.json"), password);
}

export async function run(world: World, file: string): Promise<Outcome> {
  return deployFromFile(await open(world, file), world.deployer, () => keystore(world));
}

export async function check(world: World, file: string): Promise<Verified> {
  const subject = await open(world, file);
  return verify(subject.chain, await prepareVerify(subject));
}

/** Moves the chain's clock, with prices that are fresh then. */
export async function later(world: World, seconds: number): Promise<void> {
  await world.node.request("evm_increaseTime", [seconds]);
  await world.node.request("evm_mine");
  await freshPrices(world);
}

/** How many transactions the deployer has sent. */
export async function nonceOf({ node, deployer }: World): Promise<number> {
  return Number(await node.request("eth_getTransactionCount", [deployer, "latest"]));
}

export function addressIn({ plan }: Outcome, contract: string): Address {
  return plan.contracts.find(({ name }) => name === contract)!.address;
}

/** Has the timelock make one call, as the slow wallet does it: propose, wait, execute. */
export async function throughTimelock(world: World, whole: Outcome, to: Address, data: Hex): Promise<void> {
  const at = addressIn(whole, "timelock");
  const call = [to, 0n, data, zeroHash, zeroHash] as const;
  await world.send(key, at, timelock.abi, "schedule", [...call, 172_800n]);
  await later(world, 172_800);
  await world.send(key, at, timelock.abi, "execute", [...call]);
}

/** The arguments of a deployment by the command. */
export function argumentsOf(world: World, file: string, ...more: readonly string[]): string[] {
  const keys = ["--keystore", join(world.folder, "deployer.json"), "--password-file", join(world.folder, "password")];
  return ["deploy", "--chain", world.anvil.url, "--file", file, ...keys, ...more];
}
