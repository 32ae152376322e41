import type { Deployment } from "./Deployment.ts";
import type { Chain } from "./openChain.ts";
import type { Prepared } from "./preparePlan.ts";
import { creationCalls, laterOf, type RehearsedGas, rehearseCreations } from "./rehearseCreations.ts";
import { assertObeyed, tryPauses, unprovenOf } from "./tryPauses.ts";

/** What a rehearsal came to. */
export interface Rehearsal {
  readonly gas: RehearsedGas;
  /** How many guarded and exempt functions were called under a pause. */
  readonly functionsTried: number;
  /** Exempt ones of which nothing was learned, in words; absent where there are none. */
  readonly unproven?: readonly string[];
  readonly settingsToCome: number;
  /** Contracts that are created once the settings hold. */
  readonly later: readonly string[];
}

/**
 * Tries on a copy of the chain all that is still to be created and set, and then each pause. Throws RehearsalFailed,
 * PausesNotObeyed, or what the node or the copy throws.
 */
export async function rehearseDeployment(chain: Chain, file: Deployment, prepared: Prepared): Promise<Rehearsal> {
  const { blueprint } = prepared;
  const gas = await rehearseCreations(chain, prepared);
  const pauses = await tryPauses(chain, { file, blueprint, before: creationCalls(prepared) });
  assertObeyed(pauses);
  const unproven = unprovenOf(pauses);
  return {
    gas,
    functionsTried: pauses.length,
    ...(unproven.length === 0 ? {} : { unproven }),
    settingsToCome: blueprint.settings.length,
    later: laterOf(prepared),
  };
}
