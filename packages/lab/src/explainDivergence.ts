import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { isFailed } from "@testudo/core/model/CallTree";
import type { EvmOutcome } from "@testudo/core/model/Evm";
import type { ExpectedOutcome } from "./Capsule.ts";
import type { Difference } from "./compareOutcome.ts";
import { firstDifference, type TreeDifference } from "./firstDifference.ts";
import type { Step, StepNode } from "./StepTree.ts";

/** Where a replay first differs from the record. What nobody can tell is null. */
export interface Place {
  /** The frame in whose code it is: the positions of the calls that lead there, from the outermost. */
  readonly path: readonly number[] | null;
  readonly pc: number | null;
  readonly opcode: string | null;
}

export const nowhere: Place = { path: null, pc: null, opcode: null };

/**
 * The place of `difference` in a run that came out as `outcome` and went through `steps`. A call tree in the record makes it
 * exact. Without one only our own run can be looked at: where it failed, or where it wrote the log that differs.
 */
export function explainDivergence(
  difference: Difference,
  expected: ExpectedOutcome | undefined,
  outcome: EvmOutcome,
  steps: StepNode | undefined,
): Place & Partial<Pick<Difference, "expected" | "got">> {
  if (outcome.kind === "refused") return nowhere;
  const tree = expected?.trace && firstDifference(expected.trace, outcome.trace);
  if (tree !== undefined)
    return {
      ...placeOf(tree.path, stepOf(steps, tree)),
      expected: `${difference.expected}; ${tree.expected}`,
      got: `${difference.got}; ${tree.got}`,
    };
  if (difference.in === "status" && !outcome.succeeded) return failureIn(outcome.trace, steps);
  if (difference.in === "logs") return logIn(outcome.trace, steps, difference.log!);
  return nowhere;
}

function stepOf(steps: StepNode | undefined, { path, at }: TreeDifference): Step | undefined {
  const node = nodeAt(steps, path);
  if (node === undefined || at === "start") return undefined;
  if (at === "end") return node.last;
  return "call" in at ? (node.calls[at.call]?.at ?? node.last) : (node.logs[at.log] ?? node.last);
}

function nodeAt(steps: StepNode | undefined, path: readonly number[]): StepNode | undefined {
  let node = steps;
  for (const position of path) node = node?.calls[position]?.node;
  return node;
}

/** The innermost of the failures that ended the run: the last call of each frame that failed, as long as it failed too. */
function failureIn(trace: CallFrame, steps: StepNode | undefined): Place {
  const path: number[] = [];
  let frame = trace;
  for (let last = frame.calls.at(-1); last !== undefined && isFailed(last); last = frame.calls.at(-1)) {
    path.push(frame.calls.length - 1);
    frame = last;
  }
  return placeOf(path, nodeAt(steps, path)?.last);
}

function logIn(trace: CallFrame, steps: StepNode | undefined, log: number): Place {
  const found = findLog(trace, log, []);
  // The record has more of them than came: what ended too early is the run as a whole.
  if (typeof found === "number") return placeOf([], steps?.last);
  return placeOf(found.path, nodeAt(steps, found.path)?.logs[found.index]);
}

/** The frame that wrote log number `wanted`, or how many are still to go. In the order of `logsOf`. */
function findLog(
  frame: CallFrame,
  wanted: number,
  path: readonly number[],
): { readonly path: readonly number[]; readonly index: number } | number {
  if (isFailed(frame)) return wanted;
  let rest = wanted;
  let own = 0;
  for (let call = 0; call <= frame.calls.length; call += 1) {
    while (
      own < frame.logs.length &&
      (call === frame.calls.length || (frame.logs[own]!.position ?? Infinity) <= call)
    ) {
      if (rest === 0) return { path, index: own };
      rest -= 1;
      own += 1;
    }
    if (call === frame.calls.length) break;
    const found = findLog(frame.calls[call]!, rest, [...path, call]);
    if (typeof found !== "number") return found;
    rest = found;
  }
  return rest;
}

function placeOf(path: readonly number[], step: Step | undefined): Place {
  return { path, pc: step?.pc ?? null, opcode: step?.opcode ?? null };
}
