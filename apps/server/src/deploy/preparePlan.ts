import { nextNonce } from "@testudo/chain/act/sendAction";
import { zeroAddress } from "@testudo/core/model/Asset";
import type { Address } from "@testudo/core/model/Hex";
import { zeroHash } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { keccak256 } from "viem/utils";
import type { Place } from "../config/ConfigError.ts";
import { UsageError } from "../config/UsageError.ts";
import { type Blueprint, contractNames, drawBlueprint, laterNames } from "./blueprint.ts";
import type { Deployment } from "./Deployment.ts";
import { DeploymentRefused } from "./loadDeployment.ts";
import type { Chain } from "./openChain.ts";
import { type Plan, planAddresses } from "./Plan.ts";

/** A plan with what follows from it. */
export interface Prepared {
  readonly plan: Plan;
  readonly blueprint: Blueprint;
}

/** A new plan for `file`, from the deployer's next nonce on. */
export async function newPlan(
  chain: Chain,
  file: Deployment,
  deployer: Address,
  options: { readonly slowWalletIsKey: boolean },
): Promise<Prepared> {
  const planned = planAddresses(contractNames(file), deployer, await nextNonce(chain.endpoint, deployer));
  const blueprint = drawBlueprint(file, new Map(planned.map(({ name, address }) => [name, address])), options);
  const plan: Plan = {
    version: 1,
    chainId: chain.chainId,
    genesis: chain.genesis,
    deployer,
    fileHash: blueprint.fileHash,
    contracts: planned.map((contract) => ({
      ...contract,
      codeHash: keccak256(blueprint.codes.get(contract.name)!),
      transactions: [],
    })),
    decidedFor: "0x",
    operations: [],
  };
  return { plan, blueprint };
}

/**
 * `plan` under the file as it is now. Settings of the timelock may have changed since; what constructors are given may not
 * while contracts are still to be created. Once all stand, the timelock may have changed that too (guardians, attestors,
 * limits): the file follows, and the comparison with the chain tells what does not. Throws PlanOfAnotherChain, or
 * DeploymentRefused where the file asks for another contract than one that was sent for.
 */
export function resumePlan(
  plan: Plan,
  path: string,
  subject: { readonly chain: Chain; readonly file: Deployment; readonly place: Place },
  options: { readonly slowWalletIsKey: boolean },
): Prepared {
  const { chain, file, place } = subject;
  if (plan.chainId !== chain.chainId || plan.genesis !== chain.genesis) throw new PlanOfAnotherChain(path, plan);
  const later = laterNames(file);
  // One that nothing was sent for gets a new nonce when its time comes: the deployer's may have gone elsewhere.
  const contracts = plan.contracts.filter(({ name, transactions }) => transactions.length > 0 || !later.includes(name));
  const names = contractNames(file);
  const planned = contracts.map(({ name }) => name).filter((name) => !later.includes(name));
  if (names.join() !== planned.join())
    throw refused(place, path, `asks for ${names.join(", ")}; the plan has ${planned.join(", ")}.`);
  const addresses = new Map(contracts.map(({ name, address }) => [name, address] as const));
  const blueprint = drawBlueprint(file, addresses, options);
  // An address follows from its nonce alone: what nothing was sent for may still become another contract there.
  const drawn = contracts.map((contract) => ({
    ...contract,
    codeHash: keccak256(blueprint.codes.get(contract.name)!),
  }));
  const changed = contracts.filter((item, i) => item.transactions.length > 0 && item.codeHash !== drawn[i]!.codeHash);
  const stands = contracts.every(({ block }) => block !== undefined);
  if (changed.length > 0 && !stands)
    throw refused(place, path, `asks for another ${changed.map(({ name }) => name).join(", ")} than the plan.`);
  return { plan: { ...plan, contracts: stands ? contracts : drawn, fileHash: hashOf(file) }, blueprint };
}

/** `prepared` with the contracts that could not be created before the settings held, from the deployer's next nonce on. */
export async function planLater(
  chain: Chain,
  file: Deployment,
  { plan, blueprint }: Prepared,
  options: { readonly slowWalletIsKey: boolean },
): Promise<Prepared> {
  const missing = laterNames(file).filter((name) => plan.contracts.every((contract) => contract.name !== name));
  const planned = planAddresses(missing, plan.deployer, await nextNonce(chain.endpoint, plan.deployer));
  const added = planned.map((contract) => ({
    ...contract,
    codeHash: keccak256(blueprint.codes.get(contract.name)!),
    transactions: [],
  }));
  const contracts = [...plan.contracts, ...added];
  const addresses = new Map(contracts.map(({ name, address }) => [name, address]));
  return { plan: { ...plan, contracts }, blueprint: drawBlueprint(file, addresses, options) };
}

/**
 * `plan` as it stands, under whatever the file says now: differences are what is looked for. Contracts that the plan does
 * not have are taken to stand at zero, where nothing is.
 */
export function comparePlan(
  plan: Plan,
  path: string,
  subject: { readonly chain: Chain; readonly file: Deployment },
  options: { readonly slowWalletIsKey: boolean },
): Prepared {
  const { chain, file } = subject;
  if (plan.chainId !== chain.chainId || plan.genesis !== chain.genesis) throw new PlanOfAnotherChain(path, plan);
  const missing = contractNames(file).filter((name) => plan.contracts.every((contract) => contract.name !== name));
  const nowhere = missing.map((name) => ({
    name,
    address: zeroAddress,
    nonce: 0,
    codeHash: zeroHash,
    transactions: [],
  }));
  const contracts = [...plan.contracts, ...nowhere];
  const blueprint = drawBlueprint(file, new Map(contracts.map(({ name, address }) => [name, address])), options);
  return { plan: { ...plan, contracts, fileHash: blueprint.fileHash }, blueprint };
}

function refused(place: Place, path: string, what: string): DeploymentRefused {
  return new DeploymentRefused([
    {
      place,
      what,
      allowed: "A plan that is begun has to be finished as it is: what a constructor was given stays.",
      wayOut: `Restore the file, or move "${path}" away to deploy everything anew. --verify names each difference.`,
    },
  ]);
}

/** The plan is for another chain, or for one that was started anew. */
export class PlanOfAnotherChain extends UsageError {
  override readonly name = "PlanOfAnotherChain";
  constructor(path: string, { chainId, genesis }: Plan) {
    super(
      `The plan "${path}" is for chain ${chainId} with genesis ${genesis}; the node is on another one.`,
      "A development chain that was started anew is another chain under the same id.",
      "Correct --chain, or move the plan away.",
    );
  }
}
