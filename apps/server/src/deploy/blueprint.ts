import { zeroAddress } from "@testudo/core/model/Asset";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import type { Context, DeployModule, Expectation, Setting } from "./DeployModule.ts";
import type { Deployment } from "./Deployment.ts";
import { modulesOf } from "./modulesOf.ts";

/** Everything that follows from a file and the addresses that its contracts will have. Pure. */
export interface Blueprint {
  readonly fileHash: Hex;
  readonly addressOf: (contract: string) => Address;
  /** Creation code by contract, in the order of creation. */
  readonly codes: ReadonlyMap<string, Hex>;
  readonly settings: readonly Setting[];
  /** Calls that need no right. */
  readonly openCalls: readonly Setting[];
  readonly expectations: readonly Expectation[];
}

/** The names of the contracts that `file` asks for at once, in the order of their nonces. */
export function contractNames(file: Deployment): readonly string[] {
  return namesWhere(file, ({ isLater }) => isLater !== true);
}

/** The names of the contracts that are created once the settings of `file` are in force. */
export function laterNames(file: Deployment): readonly string[] {
  return namesWhere(file, ({ isLater }) => isLater === true);
}

function namesWhere(file: Deployment, isMeant: (module: DeployModule) => boolean): readonly string[] {
  return modulesOf(file, { slowWalletIsKey: false })
    .filter(isMeant)
    .flatMap(({ contracts }) => contracts);
}

/** Draws the deployment of `file` with its contracts at `addresses`. */
export function drawBlueprint(
  file: Deployment,
  addresses: ReadonlyMap<string, Address>,
  options: { readonly slowWalletIsKey: boolean },
): Blueprint {
  const modules = modulesOf(file, options);
  const fileHash = hashOf(file);
  const later = laterNames(file);
  const context: Context = {
    fileHash,
    slowWallet: file.slowWallet,
    addressOf: (contract) =>
      later.includes(contract) ? (addresses.get(contract) ?? zeroAddress) : mustFind(addresses, contract),
    targetOf: (name) => file.protect.find((contract) => contract.name === name)!.address,
  };
  return {
    fileHash,
    addressOf: context.addressOf,
    codes: new Map(modules.flatMap((module) => creationsOf(module, context))),
    settings: modules.flatMap((module) => module.settings?.(context) ?? []),
    openCalls: modules.flatMap((module) => module.openCalls?.(context) ?? []),
    expectations: modules.flatMap((module) => module.expects(context)),
  };
}

function creationsOf(module: DeployModule, context: Context): readonly (readonly [string, Hex])[] {
  return module.creations(context).map(({ contract, code }) => [contract, code] as const);
}

function mustFind(addresses: ReadonlyMap<string, Address>, contract: string): Address {
  const found = addresses.get(contract);
  if (found === undefined) throw new TypeError(`No contract "${contract}" is planned.`);
  return found;
}
