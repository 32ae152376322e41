import type { Deployment } from "./Deployment.ts";
import { bountySources } from "./modules/bountySchema.ts";
import { bridgeSources } from "./modules/bridgeSchema.ts";
import { hookSources } from "./modules/hookSchema.ts";
import { morphoSources } from "./modules/morpho.ts";
import type { NamedSource } from "./NamedAccount.ts";

/** What bounty, hook, bridges and faces read or call. */
export function sourcesOf({ bounty, hook, bridge = [], morpho = [] }: Deployment): readonly NamedSource[] {
  return [
    ...(bounty === undefined ? [] : bountySources(bounty)),
    ...(hook === undefined ? [] : hookSources(hook)),
    ...bridge.flatMap(bridgeSources),
    ...morpho.flatMap(morphoSources),
  ];
}
