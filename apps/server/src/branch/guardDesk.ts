import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { BranchDesk } from "./openBranchDesk.ts";

/** `desk` with members that never throw: the main watch goes on whatever becomes of branches. What fails is told, and ends it. */
export function guardDesk(desk: BranchDesk, tell: (trouble: StreamTrouble) => void): BranchDesk {
  let isBroken = false;
  const guarded =
    <A extends readonly unknown[]>(act: (...given: A) => void) =>
    (...given: A): void => {
      if (isBroken) return;
      try {
        act(...given);
      } catch (error) {
        isBroken = true;
        void desk.close();
        tell(brokenTrouble(error));
      }
    };
  return {
    ...desk,
    onDisputed: guarded(desk.onDisputed),
    onStored: guarded(desk.onStored),
    onRules: guarded(desk.onRules),
    tick: guarded(desk.tick),
  };
}

function brokenTrouble(error: unknown): StreamTrouble {
  return {
    kind: "trouble",
    trouble: "branch-unjudged",
    endpoint: "branches",
    message: `Until the next start no branch is judged beside the one that is followed: ${firstLineOf(error)}`,
  };
}
