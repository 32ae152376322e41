import { createRequire } from "node:module";
import type { Abi, Address, Hex } from "viem";
import { zeroAddress, zeroHash } from "viem";
import {
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  keccak256,
  toBytes,
} from "viem/utils";
import { getCast } from "./Cast.ts";
import { type ChainSession, execute, rpc } from "./ChainSession.ts";

/** A Safe that proposes, and a timelock that makes everyone wait before anything is loosened. */
export type SlowRoles = { readonly safe: Address; readonly timelock: Address };

type Artifact = { readonly abi: Abi; readonly bytecode: Hex };

const require = createRequire(import.meta.url);
const loosenDelaySeconds = 48 * 3_600;
const deployGas = 9_000_000n;
// Not fewer than the council's largest threshold, or the slow way would be the weaker one (COUNCIL-06).
const ownersNeeded = 3n;

/**
 * Deploys a Safe 1.5.0 (3 of `owners`) and OpenZeppelin's TimelockController with the Safe as its only proposer and
 * executor and 48 h of delay. `council` may cancel, which is its veto. In the end the timelock administers itself. Both
 * come compiled from npm.
 */
export async function deploySlowRoles(
  session: ChainSession,
  owners: readonly Address[],
  council: Address,
): Promise<SlowRoles> {
  const from = getCast().deployer;
  const safe = await deploySafe(session, owners);
  const build = openZeppelin("TimelockController");
  // The deployer administers it for two transactions: to let the council cancel, and to give its own role up.
  const args = [BigInt(loosenDelaySeconds), [safe], [safe], from.address];
  const [timelock] = await deploy(session, [{ ...build, args }], "the timelock");
  const call = (functionName: string, parameters: readonly unknown[]) => ({
    from,
    to: timelock!,
    data: encodeFunctionData({ abi: build.abi, functionName, args: parameters }),
    gas: 200_000n,
  });
  const grant = call("grantRole", [keccak256(toBytes("CANCELLER_ROLE")), council]);
  const renounce = call("renounceRole", [zeroHash, from.address]);
  await execute(session, [grant, renounce], "the timelock's roles");
  return { safe, timelock: timelock! };
}

async function deploySafe(session: ChainSession, owners: readonly Address[]): Promise<Address> {
  const [singleton, factory] = await deploy(
    session,
    [safeArtifact("Safe.sol/Safe"), safeArtifact("proxies/SafeProxyFactory.sol/SafeProxyFactory")],
    "the Safe's code",
  );
  const { abi } = safeArtifact("Safe.sol/Safe");
  const setup = [owners, ownersNeeded, zeroAddress, "0x", zeroAddress, zeroAddress, 0n, zeroAddress];
  const initializer = encodeFunctionData({ abi, functionName: "setup", args: setup });
  const factoryArtifact = safeArtifact("proxies/SafeProxyFactory.sol/SafeProxyFactory");
  const data = encodeFunctionData({
    abi: factoryArtifact.abi,
    functionName: "createProxyWithNonce",
    args: [singleton!, initializer, 0n],
  });
  await execute(session, [{ from: getCast().deployer, to: factory!, data, gas: deployGas }], "the Safe");
  return proxyAddress(session, factory!, singleton!, initializer);
}

// The factory's own rule: CREATE2 with salt = keccak256(keccak256(initializer) ++ nonce), init code = proxy code ++ singleton.
async function proxyAddress(
  session: ChainSession,
  factory: Address,
  singleton: Address,
  initializer: Hex,
): Promise<Address> {
  const { abi } = safeArtifact("proxies/SafeProxyFactory.sol/SafeProxyFactory");
  const creationCode = (await session.client.readContract({
    abi,
    address: factory,
    functionName: "proxyCreationCode",
  })) as Hex;
  const bytecode: Hex = `${creationCode}${encodeAbiParameters([{ type: "uint256" }], [BigInt(singleton)]).slice(2)}`;
  const salt = keccak256(encodeAbiParameters([{ type: "bytes32" }, { type: "uint256" }], [keccak256(initializer), 0n]));
  return getContractAddress({ opcode: "CREATE2", from: factory, salt, bytecode });
}

/** Deploys init code from the cast's deployer; returns the addresses in order. */
async function deploy(
  session: ChainSession,
  builds: readonly (Artifact & { readonly args?: readonly unknown[] })[],
  what: string,
): Promise<Address[]> {
  const from = getCast().deployer;
  const first = BigInt(await rpc<Hex>(session.client, "eth_getTransactionCount", [from.address, "pending"]));
  session.nonces.set(from.address, Number(first));
  const calls = builds.map(({ abi, bytecode, args = [] }) => ({
    from,
    data: encodeDeployData({ abi, bytecode, args }),
    gas: deployGas,
  }));
  await execute(session, calls, what);
  return builds.map((_, i) => getContractAddress({ from: from.address, nonce: first + BigInt(i) }));
}

function safeArtifact(path: string): Artifact {
  return require(`@safe-global/safe-smart-account/build/artifacts/contracts/${path}.json`) as Artifact;
}

function openZeppelin(name: string): Artifact {
  return require(`@openzeppelin/contracts/build/contracts/${name}.json`) as Artifact;
}
