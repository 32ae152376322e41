import type { Evm, EvmBlock } from "@testudo/core/model/Evm";
import { type Address, wordAt } from "@testudo/core/model/Hex";
import type { Invariant } from "./Patch.ts";

export interface InvariantResult {
  readonly name: string;
  readonly ok: boolean;
  /** What the view answered, null where it did not. */
  readonly value: bigint | null;
}

// Views of a whole protocol sum over accounts and pools.
const viewGas = 10_000_000n;
const nobody: Address = `0x${"0".repeat(40)}`;

/** Asks each of `invariants` on `evm` as it stands, in `block`. */
export async function readInvariants(
  evm: Evm,
  invariants: readonly Invariant[],
  { chainId, hardfork, ...block }: EvmBlock,
): Promise<readonly InvariantResult[]> {
  const results: InvariantResult[] = [];
  for (const { name, to, input, atMost, atLeast } of invariants) {
    const mark = evm.snapshot();
    // A read has the engine's own block, the first; what a view says now depends on the time of the last.
    const outcome = await evm.run({
      ...{ from: nobody, to, value: 0n, input, gas: viewGas, gasPrice: 0n },
      block: { ...block, baseFeePerGas: 0n },
    });
    evm.revert(mark);
    const answered = outcome.kind === "ran" && outcome.succeeded ? wordAt(outcome.output, 0) : undefined;
    const value = answered ?? null;
    // A view that does not answer any more is broken, whatever it would have said.
    const ok =
      value !== null && (atMost === undefined || value <= atMost) && (atLeast === undefined || value >= atLeast);
    results.push({ name, ok, value });
  }
  return results;
}
