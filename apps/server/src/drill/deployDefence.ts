import { findReceipt } from "@testudo/chain/act/sendAction";
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { circuitBreaker, gateProxy, guardianCouncil } from "@testudo/contracts";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import {
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  hexToString,
} from "viem/utils";
import type { Defence, ProtectedContract, SlowRoles } from "./Scenario.ts";

// Thresholds of the council: pause, halt, slow roles (COUNCIL-04).
const thresholds = [2, 3, 3] as const;
const deployGas = 12_000_000n;

/**
 * Breaker, council and gates need each other's addresses in their constructors. The defence has an account of its own,
 * whose first two contracts are the breaker and the council, so that their addresses are known before they stand.
 */
export function planDefence(deployer: Address): { readonly breaker: Address; readonly council: Address } {
  return {
    breaker: getContractAddress({ from: deployer, nonce: 0n }).toLowerCase() as Address,
    council: getContractAddress({ from: deployer, nonce: 1n }).toLowerCase() as Address,
  };
}

/** Init code of a gate before `implementation`, to be deployed by whoever has to be the initialiser's caller. */
export function gateCode(implementation: Address, initData: Hex, breaker: Address, timelock: Address): Hex {
  return encodeDeployData({
    abi: gateProxy.abi,
    bytecode: gateProxy.bytecode,
    args: [implementation, initData, breaker, timelock],
  });
}

/**
 * Deploys breaker and council for the contracts that stand, on a chain that mines when told. The deployer is an account
 * that the node signs for, and must not have sent a transaction before.
 */
export async function deployDefence(
  endpoint: Endpoint,
  deployer: Address,
  roles: SlowRoles,
  guardians: readonly Address[],
  contracts: readonly ProtectedContract[],
): Promise<Defence> {
  const planned = planDefence(deployer);
  const targets = contracts.map((contract) => ({
    target: contract.address,
    inlined: true,
    guarded: Object.values(contract.pausable),
    exempt: Object.values(contract.exempt),
  }));
  const caller = toLower(anvilAccount(1).address);
  const programs = contracts.flatMap(({ address: target, ruled = [] }) =>
    ruled.map((selector) => ({ caller, target, selector })),
  );
  const breakerCode = encodeDeployData({
    abi: circuitBreaker.abi,
    bytecode: circuitBreaker.bytecode,
    args: [planned.council, roles.timelock, { targets, groups: [], trippers: [], programs }],
  });
  const councilCode = encodeDeployData({
    abi: guardianCouncil.abi,
    bytecode: guardianCouncil.bytecode,
    args: [planned.breaker, roles.timelock, roles.safe, [...guardians], ...thresholds],
  });
  await deploy(endpoint, deployer, breakerCode);
  await deploy(endpoint, deployer, councilCode);
  await assertHealthy(endpoint, "breaker", planned.breaker, circuitBreaker.abi, "healthy");
  await assertHealthy(endpoint, "council", planned.council, guardianCouncil.abi, "healthy");
  for (const { name, address } of contracts)
    await assertHealthy(endpoint, `gate of ${name}`, address, gateProxy.abi, "gateHealthy");
  return { ...roles, ...planned, guardians };
}

async function deploy(endpoint: Endpoint, from: Address, data: Hex): Promise<void> {
  const gas = `0x${deployGas.toString(16)}`;
  const hash = (await endpoint.request("eth_sendTransaction", [{ from, data, gas }])) as Hex;
  await endpoint.request("evm_mine");
  const receipt = await findReceipt(endpoint, [hash]);
  if (receipt?.succeeded !== true) throw new DefenceBroken(`Transaction ${hash} did not deploy a contract.`);
}

// No constructor calls another module: a wrong address shows only here.
async function assertHealthy(
  endpoint: Endpoint,
  name: string,
  to: Address,
  abi: Abi,
  functionName: string,
): Promise<void> {
  const data = encodeFunctionData({ abi, functionName });
  const answer = (await endpoint.request("eth_call", [{ to, data }, "latest"])) as Hex;
  const [isHealthy, why] = decodeFunctionResult({ abi, functionName, data: answer }) as readonly [boolean, Hex];
  if (!isHealthy) throw new DefenceBroken(`The ${name} reports "${hexToString(why, { size: 32 })}".`);
}

/** The defence does not stand as it was planned. */
export class DefenceBroken extends Error {
  override readonly name = "DefenceBroken";
  constructor(what: string) {
    super(
      `${what}\n- Breaker, council and gates have to name each other.\n- Start the drill again; if it stays so, the contracts and this deployment do not fit.`,
    );
  }
}
