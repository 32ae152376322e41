import type { Address } from "./hex.ts";
import type { Ended } from "./runMessage.ts";
import { assumptionFailed, describeStatus, succeeded } from "./status.ts";

/** How a call ended. `error` names the failure as geth does. */
export interface Outcome {
  readonly succeeded: boolean;
  readonly error?: string;
  readonly gasUsed: bigint;
  readonly output: Uint8Array;
  /** Where a creation put its contract. */
  readonly created?: Address;
  /** vm.assume(false) ended it: its inputs are none that the harness means. */
  readonly isRejected?: true;
}

/** What came of a run, as its caller is told. */
export function outcomeOf(ended: Ended, gasUsed: bigint, created: Address | undefined): Outcome {
  const error = describeStatus(ended.status);
  const hasSucceeded = ended.status === succeeded;
  return {
    succeeded: hasSucceeded,
    ...(error === undefined ? {} : { error }),
    gasUsed,
    output: ended.output,
    ...(created !== undefined && hasSucceeded ? { created } : {}),
    ...(ended.status === assumptionFailed ? { isRejected: true } : {}),
  };
}
