import { logsOf } from "@testudo/core/model/CallTree";
import type { EvmOutcome } from "@testudo/core/model/Evm";
import { openEvm } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule, CapsuleTransaction, ExpectedOutcome } from "../record/Capsule.ts";
import { toRun } from "./toRun.ts";
import { watchState } from "./watchedState.ts";

/** `capsule` with what comes of each of its transactions on our engine as expected, so that a replay can tell a difference. */
export async function withOutcomes(capsule: Capsule): Promise<Capsule> {
  const { transactions = [] } = capsule;
  const [first] = transactions;
  if (first === undefined) return capsule;
  const evm = await openEvm(watchState(capsule).source, blockOf(capsule, first.blockNumber));
  const played: CapsuleTransaction[] = [];
  for (const tx of transactions) {
    const outcome = await evm.run(toRun(capsule, tx));
    if (outcome.kind === "refused") return capsule;
    played.push({ ...tx, expected: expectedOf(outcome) });
  }
  return { ...capsule, transactions: played };
}

/** What came of a transaction, as what another run has to meet. */
export function expectedOf({ succeeded, gasUsed, trace }: Extract<EvmOutcome, { kind: "ran" }>): ExpectedOutcome {
  return { succeeded, gasUsed, logs: logsOf(trace) };
}
