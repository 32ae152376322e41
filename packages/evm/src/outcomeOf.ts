import type { Address } from "./hex.ts";
import type { Ended, Sent } from "./runMessage.ts";
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

/** A transaction that its block does not allow changes nothing, and says why. */
export type SendOutcome = ({ readonly kind: "ran" } & Outcome) | Extract<Sent, { kind: "invalid" }>;

/** What came of a transaction, as its sender is told. */
export function sendOutcomeOf(sent: Extract<Sent, { kind: "ran" }>): SendOutcome {
  const { status, gasUsed, output, created } = sent;
  // Most end so, and what is spread costs more than all of it.
  if (status === succeeded && created === undefined) return { kind: "ran", succeeded: true, gasUsed, output };
  return { kind: "ran", ...outcomeOf(sent, gasUsed, created) };
}

/** What came of a run, as its caller is told. */
export function outcomeOf(ended: Omit<Ended, "gasLeft">, gasUsed: bigint, created: Address | undefined): Outcome {
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
