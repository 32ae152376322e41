// What the modules of a file name outside of it: accounts that get a role, and contracts that have to stand.
import type { Deployment } from "./Deployment.ts";
import { bountyAccounts, bountySources } from "./modules/bountySchema.ts";
import { bridgeAccounts, bridgeSources } from "./modules/bridgeSchema.ts";
import { hookAccounts, hookSources } from "./modules/hookSchema.ts";
import { morphoSources } from "./modules/morpho.ts";
import type { NamedAccount, NamedSource } from "./NamedAccount.ts";

/** Who has a role in bounty, hook and bridges. */
export function accountsOf({ bounty, hook, bridge = [] }: Deployment): readonly NamedAccount[] {
  return [
    ...(bounty === undefined ? [] : bountyAccounts(bounty)),
    ...(hook === undefined ? [] : hookAccounts(hook)),
    ...bridge.flatMap(bridgeAccounts),
  ];
}

/** What bounty, hook, bridges and faces read or call. */
export function sourcesOf({ bounty, hook, bridge = [], morpho = [] }: Deployment): readonly NamedSource[] {
  return [
    ...(bounty === undefined ? [] : bountySources(bounty)),
    ...(hook === undefined ? [] : hookSources(hook)),
    ...bridge.flatMap(bridgeSources),
    ...morpho.flatMap(morphoSources),
  ];
}
