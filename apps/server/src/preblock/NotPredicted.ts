import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Input } from "@testudo/core/model/Input";

/** What was to be seen ahead and is not, told once until it is over: anybody can show much of it. */
export interface NotPredicted {
  /** `what` took more than there is for one, or broke what ran it. */
  note(what: string, why: string): void;
  /** Goes on to the next head; over is what did not happen for a whole block. */
  moveTo(ref: BlockRef): void;
}

const source = "prediction";

/** `onNote` is told each time. */
export function openNotPredicted(tell: (input: Input) => void, onNote: () => void = () => undefined): NotPredicted {
  let head = 0n;
  let last: bigint | undefined;
  return {
    note(what, why) {
      onNote();
      if (last === undefined)
        tell({
          kind: "trouble",
          trouble: "scope-degraded",
          endpoint: source,
          message: `${what} is not predicted, and judged in its block only: ${why}`,
        });
      last = head;
    },
    moveTo({ number }) {
      head = number;
      if (last === undefined || number <= last + 1n) return;
      last = undefined;
      tell({
        kind: "trouble",
        trouble: "recovered",
        endpoint: source,
        message: "What waits and what is new is predicted again.",
      });
    },
  };
}
