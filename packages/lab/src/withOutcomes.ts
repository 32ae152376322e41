import { logsOf } from "@testudo/core/model/CallTree";
import { blockOf } from "./blockOf.ts";
import type { Capsule, CapsuleTransaction } from "./Capsule.ts";
import { openEvm } from "./openEvm.ts";
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
    const { succeeded, gasUsed, trace } = outcome;
    const logs = logsOf(trace).map(({ address, topics, data }) => ({ address, topics, data }));
    played.push({ ...tx, expected: { succeeded, gasUsed, logs } });
  }
  return { ...capsule, transactions: played };
}
