// What is wrong with the accounts of bounty, hook and bridges, and with the caps of bridges, only on the chain.
import { parseAbi } from "viem/utils";
import { accountsOf } from "./accountsOf.ts";
import { ask, hasCode, implementationOf } from "./askChain.ts";
import { contractNames } from "./blueprint.ts";
import type { Complain, Inspected } from "./Inspected.ts";
import { morphoDecimals } from "./modules/morpho.ts";
import type { NamedAccount } from "./NamedAccount.ts";

/** Complains of an account that is a contract of the deployment, or one key where several have to agree. */
export async function inspectAccounts(subject: Inspected, complain: Complain): Promise<void> {
  const { chain, deployment, addressOf } = subject;
  const own = new Map(contractNames(deployment).map((name) => [addressOf(name), name]));
  for (const { path, account, role, mustBeMany = false } of accountsOf(deployment)) {
    const name = own.get(account);
    if (name !== undefined)
      complain(
        path,
        `The ${role} is the ${name} of this deployment.`,
        "Allowed: an account outside of it.",
        "None of its contracts has a call for that, or whoever commands it would act in a second role.",
      );
    if (mustBeMany && !chain.isDevelopment && name === undefined)
      await inspectMany(subject, { path, account, role }, complain);
  }
}

async function inspectMany(
  { chain }: Inspected,
  { path, account, role }: Pick<NamedAccount, "path" | "account" | "role">,
  complain: Complain,
): Promise<void> {
  const allowed = "Allowed: a contract, such as a Safe of two signatures or more; a key on a development chain only.";
  if (!(await hasCode(chain.endpoint, account)))
    return complain(path, `The ${role} ${account} has no code: it is a single key, or nothing.`, allowed, oneTheft);
  const abi = parseAbi(["function getThreshold() view returns (uint256)"]);
  const threshold = await ask<bigint>(chain.endpoint, account, abi, "getThreshold");
  if (threshold === 1n) complain(path, `The ${role} ${account} needs 1 signature.`, allowed, oneTheft);
}

const oneTheft = "One stolen key would decide over the bounty's money.";

/** Complains of a program whose target is a proxy: its code stays the same when what it delegates to is replaced. */
export async function inspectPrograms({ chain, deployment }: Inspected, complain: Complain): Promise<void> {
  for (const [i, { targets }] of (deployment.hook?.programs ?? []).entries())
    for (const [j, target] of targets.entries()) {
      const behind = await implementationOf(chain.endpoint, target);
      if (BigInt(behind) === 0n) continue;
      complain(
        ["hook", "programs", i, "targets", j],
        `${target} is a proxy of ${behind}.`,
        "Allowed: the implementation.",
        "After an upgrade a proof about the old code would still pause and reserve.",
      );
    }
}

/** Complains of decimals that are not the token's. */
export async function inspectDecimals({ chain, deployment }: Inspected, complain: Complain): Promise<void> {
  const abi = parseAbi(["function decimals() view returns (uint8)"]);
  for (const [path, token, named] of (deployment.morpho ?? []).flatMap(morphoDecimals)) {
    const found = await ask<number>(chain.endpoint, token, abi, "decimals");
    if (found === named) continue;
    complain(
      path,
      `decimals is ${named}; ${token} ${found === undefined ? "tells none" : `has ${found}`}.`,
      "Allowed: what the token says.",
      "Every price would be wrong by a power of ten, or the token is another one than you think.",
    );
  }
}

/** Complains of a cap above all that a bridge holds: what is not there need not be limited. */
export async function inspectBridgeCaps({ chain, deployment }: Inspected, complain: Complain): Promise<void> {
  const abi = parseAbi(["function balanceOf(address) view returns (uint256)"]);
  for (const [i, { contract, routes }] of (deployment.bridge ?? []).entries())
    for (const [j, { side, token, cap }] of routes.entries()) {
      if (side !== "home") continue;
      const holder = deployment.protect.find(({ name }) => name === contract)!.address;
      const held = (await ask<bigint>(chain.endpoint, token, abi, "balanceOf", [holder])) ?? 0n;
      if (held === 0n || cap <= held) continue;
      complain(
        ["bridge", i, "routes", j, "cap"],
        `The cap is ${cap} units of ${token}; ${contract} holds ${held}.`,
        "Allowed: a cap that is below what there is.",
        "Above 100 % of what there is, nothing is limited: one forged message could take everything.",
      );
    }
}
