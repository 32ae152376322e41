import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TxFinding } from "@testudo/core/pipeline/judgeTx";

/** A call of a probe, as it can be made again. `value` in wei. */
export interface ProbeCall {
  readonly from: Address;
  readonly to: Address;
  readonly input: Hex;
  readonly value: bigint;
  /** Seconds after the call before it, or after the probe's block, with a block for every twelve. */
  readonly seconds: number;
}

/** A call that does harm, after those before it. A working exploit: it is not to be stored in the clear (PRE-06). */
export interface HarmfulCall extends ProbeCall {
  /** Calls that come first, in their order; none where it does harm by itself. */
  readonly before: readonly ProbeCall[];
  readonly findings: readonly TxFinding[];
}
