import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { isFailed } from "@testudo/core/model/CallTree";
import type { EvmOutcome } from "@testudo/core/model/Evm";
import type { ExpectedOutcome } from "../record/Capsule.ts";
import type { Difference } from "./compareOutcome.ts";
import { firstDifference, type TreeDifference } from "./firstDifference.ts";

/** Where in the call tree a run parted from its record, as far as trees tell; what each did there where the record has one. */
export type TreePlace = Pick<TreeDifference, "path" | "at"> & Partial<Pick<TreeDifference, "expected" | "got">>;

/**
 * The place of `difference` in a run that came out as `outcome`. A call tree in the record makes it exact. Without one only
 * our own run can be looked at: where it failed, or where it wrote the log that differs. Undefined where nobody can tell.
 */
export function placeOfDifference(
  difference: Difference,
  expected: ExpectedOutcome | undefined,
  outcome: EvmOutcome,
): TreePlace | undefined {
  if (outcome.kind === "refused") return undefined;
  const tree = expected?.trace && firstDifference(expected.trace, outcome.trace);
  if (tree !== undefined) return tree;
  if (difference.in === "status" && !outcome.succeeded) return failureIn(outcome.trace);
  return difference.in === "logs" ? logIn(outcome.trace, difference.log!) : undefined;
}

/** The innermost of the failures that ended the run: the last call of each frame that failed, as long as it failed too. */
function failureIn(trace: CallFrame): TreePlace {
  const path: number[] = [];
  let frame = trace;
  for (let last = frame.calls.at(-1); last !== undefined && isFailed(last); last = frame.calls.at(-1)) {
    path.push(frame.calls.length - 1);
    frame = last;
  }
  return { path, at: "end" };
}

function logIn(trace: CallFrame, log: number): TreePlace {
  const found = findLog(trace, log, []);
  // The record has more of them than came: what ended too early is the run as a whole.
  return typeof found === "number" ? { path: [], at: "end" } : found;
}

/** The frame that wrote log number `wanted`, or how many are still to go. In the order of `logsOf`. */
function findLog(frame: CallFrame, wanted: number, path: readonly number[]): TreePlace | number {
  if (isFailed(frame)) return wanted;
  let rest = wanted;
  let log = 0;
  for (let call = 0; call <= frame.calls.length; call += 1) {
    const isLast = call === frame.calls.length;
    while (log < frame.logs.length && (isLast || (frame.logs[log]!.position ?? Infinity) <= call)) {
      if (rest === 0) return { path, at: { log } };
      rest -= 1;
      log += 1;
    }
    if (isLast) break;
    const found = findLog(frame.calls[call]!, rest, [...path, call]);
    if (typeof found !== "number") return found;
    rest = found;
  }
  return rest;
}
