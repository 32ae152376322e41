// The plan lies in a folder that many can write. What it says of an operation is believed only as far as it follows from
// the file: a Safe's owners sign what comes out of here.
import type { Hex } from "@testudo/core/model/Hex";
import { zeroHash } from "@testudo/core/model/Hex";
import type { Blueprint } from "./blueprint.ts";
import type { Setting } from "./DeployModule.ts";
import { describeCall } from "./describeCall.ts";
import { idOf, maxCalls, saltOf } from "./operationId.ts";
import { type Operation, type Plan, PlanForged } from "./Plan.ts";

/** The operations of a plan, by what they are. */
export interface Rederived {
  /** Each call is a setting of the present file; words are the file's. */
  readonly own: readonly Operation[];
  /** Of another version of the file: nothing is done with them but to cancel them. Words follow from the calls. */
  readonly former: readonly Operation[];
  /** What no version of testudo wrote for the file that it names, with the reason. */
  readonly foreign: readonly (readonly [operation: Operation, why: string])[];
}

/** Sorts the operations of `plan`. Nothing of the plan's words, salts, predecessors and ids is taken over unchecked. */
export function rederiveOperations({ operations, fileHash }: Plan, blueprint: Blueprint): Rederived {
  const own: Operation[] = [];
  const former: Operation[] = [];
  const foreign: (readonly [Operation, string])[] = [];
  const accepted = new Set<Hex>();
  let start = 0;
  let left: readonly Setting[] = [];
  for (const [i, operation] of operations.entries()) {
    const before = operations[i - 1];
    if (operation.predecessor === zeroHash) {
      start = i;
      left = blueprint.settings;
    }
    const why = whyForged(operation, before, i - start, start);
    const matched = operation.fileHash === fileHash ? matchSettings(operation, left) : undefined;
    if (why !== undefined) foreign.push([operation, why]);
    // What follows a forged one is forged as well: it could never run behind the file's own.
    else if (i > start && !accepted.has(operation.predecessor)) foreign.push([operation, "it follows a forged one"]);
    else if (matched === undefined) {
      former.push({ ...operation, calls: operation.calls.map((call) => ({ ...call, what: words(blueprint, call) })) });
      accepted.add(operation.id);
    } else if ("stranger" in matched)
      foreign.push([operation, `no setting of the file is ${words(blueprint, matched.stranger)}`]);
    else {
      own.push({ ...operation, calls: matched.calls });
      accepted.add(operation.id);
      left = matched.left;
    }
  }
  return { own, former, foreign };
}

/** Throws PlanForged where an operation of `plan` does not follow from the file. */
export function assertOperations(plan: Plan, path: string, blueprint: Blueprint): void {
  const [first] = rederiveOperations(plan, blueprint).foreign;
  if (first === undefined) return;
  const [{ id }, why] = first;
  throw new PlanForged(path, `its operation ${id} is not what this file asks for: ${why}`);
}

type Call = Operation["calls"][number];

function words(blueprint: Blueprint, { to, data }: Call): string {
  return describeCall(blueprint, to, data);
}

function whyForged(
  operation: Operation,
  before: Operation | undefined,
  place: number,
  round: number,
): string | undefined {
  const { id, fileHash, predecessor, salt } = operation;
  const isFirst = predecessor === zeroHash;
  if (!isFirst && (place === 0 || before!.id !== predecessor || before!.fileHash !== fileHash))
    return "it follows another than the one before it";
  if (salt !== saltOf(fileHash, round, place * maxCalls)) return "its salt does not follow from the file";
  return id === idOf(operation) ? undefined : "its id is not the hash of its calls";
}

// In the order of the file, each setting once at most.
function matchSettings(
  { calls }: Operation,
  settings: readonly Setting[],
): { readonly calls: Call[]; readonly left: readonly Setting[] } | { readonly stranger: Call } {
  let left = settings;
  const matched: Call[] = [];
  for (const call of calls) {
    const at = left.findIndex(({ to, data }) => to === call.to && data === call.data);
    if (at < 0) return { stranger: call };
    const { what, to, data } = left[at]!;
    matched.push({ what, to, data });
    left = left.slice(at + 1);
  }
  return { calls: matched, left };
}
