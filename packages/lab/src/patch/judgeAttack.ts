// Whether a patch has stopped the recorded attack, by what came of it.
import type { Holding, Loss } from "../capsule/holdings.ts";
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
  /** What single transactions of it still take of holdings that in all lose nothing: told, since a claim to what was paid in is not seen. */
  readonly offset: readonly Loss[];
}

/** The attack where a patch is in force. */
export interface Attacked extends Measured {
  /** What answered without the patch and does not with it: it may have been taken. */
  readonly hidden: readonly Holding[];
}

/** `now` is absent where the patch is not in force: nothing is stopped then. */
export function judgeAttack(baseline: Baseline, now: Attacked | undefined, maxLoss: bigint): AttackVerdict {
  const { attacked: before, losses: lossesBefore } = baseline;
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
        ? (whyStrange(runs) ?? whyHidden(now) ?? whyElsewhere(baseline, now, maxLoss))
        : "the attack goes on in spite of it";
  return {
    stopped: why === null,
    why,
    failed,
    succeededBefore: did.length,
    lossesBefore,
    losses,
    offset: now?.offset ?? [],
  };
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

/**
 * An attack may only prepare what others bring about, as a keeper who carries out its order. Where most of the harm comes so, and half of
 * it or more still does, it is not stopped. Lesser differences are what honest people do otherwise beside an attack.
 */
function whyElsewhere({ holdings, losses, atEnd, atPeace }: Baseline, now: Attacked, maxLoss: bigint): string | null {
  for (const [i, { holder, token }] of holdings.entries()) {
    const [peace, before, is] = [atPeace[i], atEnd[i], now.atEnd[i]];
    if (peace == null || before == null || is == null) continue;
    const own = losses.find((loss) => loss.holder === holder && loss.token === token)?.amount ?? 0n;
    const isMostly = peace - before > 2n * own;
    if (isMostly && peace - is > maxLoss && 2n * (peace - is) > peace - before)
      return `most of what it costs is lost by others' transactions, and still is: ${peace - is} of ${token ?? "ether"} by ${holder}`;
  }
  return null;
}
