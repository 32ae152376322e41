import type { FrameLog } from "@testudo/core/model/BlockBundle";
import { logsOf } from "@testudo/core/model/CallTree";
import type { EvmOutcome } from "@testudo/core/model/Evm";
import type { ExpectedLog, ExpectedOutcome } from "../record/Capsule.ts";

/** The first thing in which an outcome is not what was recorded. `log` is its number, where it is one. */
export interface Difference {
  readonly in: "refused" | "status" | "logs" | "gas";
  readonly log?: number;
  readonly expected: string;
  readonly got: string;
}

/** Compares status, logs and gas, in this order: whatever changes a status changes the other two. Undefined where all agree. */
export function compareOutcome(expected: ExpectedOutcome | undefined, outcome: EvmOutcome): Difference | undefined {
  if (outcome.kind === "refused")
    return {
      in: "refused",
      expected: expected === undefined ? "to run" : statusText(expected.succeeded),
      got: `refused as ${outcome.reason}: ${outcome.detail}`,
    };
  if (expected === undefined) return undefined;
  if (expected.succeeded !== outcome.succeeded) {
    const why = outcome.succeeded ? "" : ` (${outcome.trace.error ?? "it failed"})`;
    return {
      in: "status",
      expected: statusText(expected.succeeded),
      got: `${statusText(outcome.succeeded)}${why}`,
    };
  }
  return compareLogs(expected.logs, logsOf(outcome.trace)) ?? compareGas(expected.gasUsed, outcome.gasUsed);
}

function compareLogs(expected: readonly ExpectedLog[], got: readonly FrameLog[]): Difference | undefined {
  const count = Math.max(expected.length, got.length);
  for (let log = 0; log < count; log += 1) {
    const [theirs, ours] = [logText(expected[log], expected.length), logText(got[log], got.length)];
    if (theirs !== ours) return { in: "logs", log, expected: `log ${log}: ${theirs}`, got: `log ${log}: ${ours}` };
  }
  return undefined;
}

function compareGas(expected: bigint, got: bigint): Difference | undefined {
  return expected === got ? undefined : { in: "gas", expected: `gasUsed ${expected}`, got: `gasUsed ${got}` };
}

function logText(log: ExpectedLog | undefined, count: number): string {
  if (log === undefined) return `none, there are ${count}`;
  return `${log.address} [${log.topics.join(", ")}] ${log.data}`;
}

function statusText(succeeded: boolean): string {
  return `status ${succeeded ? 1 : 0}`;
}
