import type { EvmOutcome } from "@testudo/core/model/Evm";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import type { Difference } from "./compareOutcome.ts";
import { placeOfDifference, type TreePlace } from "./placeOfDifference.ts";
import { toRun } from "./toRun.ts";
import { watchState } from "./watchedState.ts";
import { type Step, watchFrame } from "./watchFrame.ts";

/** Where a replay first differs from the record. What nobody can tell is null. */
export interface Place {
  /** The frame in whose code it is: the positions of the calls that lead there, from the outermost. */
  readonly path: readonly number[] | null;
  readonly pc: number | null;
  readonly opcode: string | null;
}

/** The first difference of a replay from its record. `tx` is the hash, or `#n` of the n-th where it has none. */
export interface Divergence extends Place {
  readonly tx: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * Names the place at which the last of `transactions` came to `difference`. With `withSteps` all of them run once more on the
 * engine that tells its operations; without, or where that one comes to another end, the operation stays unknown.
 */
export async function explainDivergence(
  capsule: Capsule,
  transactions: readonly CapsuleTransaction[],
  difference: Difference,
  outcome: EvmOutcome,
  withSteps: boolean,
): Promise<Divergence> {
  const last = transactions.at(-1)!;
  const tx = last.hash ?? `#${transactions.length}`;
  const place = placeOfDifference(difference, last.expected, outcome);
  const step = place && withSteps ? await stepAt(capsule, transactions, place, outcome) : undefined;
  return {
    tx,
    path: place?.path ?? null,
    pc: step?.pc ?? null,
    opcode: step?.opcode ?? null,
    expected: joined(difference.expected, place?.expected),
    got: joined(difference.got, place?.got),
  };
}

function joined(whole: string, there: string | undefined): string {
  return there === undefined ? whole : `${whole}; ${there}`;
}

/** The operation at `place` in the last of `transactions`; undefined where the other engine comes to another end. */
async function stepAt(
  capsule: Capsule,
  transactions: readonly CapsuleTransaction[],
  { path, at }: TreePlace,
  outcome: EvmOutcome,
): Promise<Step | undefined> {
  if (at === "start") return undefined;
  const { openEthereumjs } = await import("../engine/openEthereumjs.ts");
  const watcher = watchFrame(path, at);
  const { source } = watchState(capsule);
  const evm = await openEthereumjs(source, blockOf(capsule, transactions[0]!.blockNumber), watcher);
  for (const tx of transactions.slice(0, -1)) await evm.run(toRun(capsule, tx));
  watcher.arm();
  const again = await evm.run(toRun(capsule, transactions.at(-1)!));
  const isSame = again.kind === "ran" && outcome.kind === "ran" && again.gasUsed === outcome.gasUsed;
  return isSame ? watcher.found() : undefined;
}
