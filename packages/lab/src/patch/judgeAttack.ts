// Whether a patch has stopped the recorded attack, by what came of it.
import type { Holding, Loss } from "../holdings.ts";
import type { Baseline, Measured } from "./playBaseline.ts";
import type { TxRun } from "./TxRun.ts";

/** What came of an attack. */
export interface AttackVerdict {
  readonly stopped: boolean;
  /** Why it is not stopped, in words; null where it is. */
  readonly why: string | null;
  /** Of the attack's transactions that succeeded without the patch, how many do not with it. */
  readonly failed: number;
  readonly succeededBefore: number;
  readonly lossesBefore: readonly Loss[];
  readonly losses: readonly Loss[];
}

/** The attack where a patch is in force. */
export interface Attacked extends Measured {
  /** What answered without the patch and does not with it: it may have been taken. */
  readonly hidden: readonly Holding[];
}

/** `now` is absent where the patch is not in force: nothing is stopped then. */
export function judgeAttack(
  { attacked: before, losses: lossesBefore }: Baseline,
  now: Attacked | undefined,
  maxLoss: bigint,
): AttackVerdict {
  const did = before.filter(({ role, status }) => role === "attack" && status === "succeeded");
  const losses = now?.losses ?? lossesBefore;
  const runs = did.flatMap(({ index }) => now?.runs.find((run) => run.index === index) ?? []);
  const failed = runs.filter(({ status }) => status !== "succeeded").length;
  const isBounded = (lost: readonly Loss[]) => lost.every(({ amount }) => amount <= maxLoss);
  // Where nothing was lost that we can see, only a failure tells that something was stopped.
  const hasEnded = runs.some(({ status }) => status === "failed") || !isBounded(lossesBefore);
  const why =
    now === undefined
      ? "the patch is not in force"
      : isBounded(losses) && hasEnded
        ? (whyStrange(runs) ?? whyHidden(now))
        : "the attack goes on in spite of it";
  return { stopped: why === null, why, failed, succeededBefore: did.length, lossesBefore, losses };
}

/** What is not even let in was not stopped by the patch, unless it lacks what the attack before it would have brought. */
function whyStrange(runs: readonly TxRun[]): string | null {
  const [first] = runs;
  const strange = first?.refusal === undefined ? runs.find(isRefused) : first;
  return strange === undefined
    ? null
    : `#${strange.index} of the attack does not even run (${strange.refusal}): nothing is shown by that`;
}

function isRefused({ refusal }: TxRun): boolean {
  return refusal !== undefined && refusal !== "unfunded";
}

function whyHidden({ hidden }: Attacked): string | null {
  if (hidden.length === 0) return null;
  const told = hidden.map(({ holder, token }) => `what ${holder} has of ${token ?? "ether"}`).join(", ");
  return `the patch keeps from being read what may have been taken: ${told}`;
}
