import { isTerminal } from "@testudo/core/model/ActionStatus";
import type { Input } from "@testudo/core/model/Input";
import type { Draft } from "@testudo/core/model/Memory";
import { readCase } from "@testudo/core/pipeline/Case";
import { listTransactions } from "../../store/leaseNonce.ts";
import { hasLeftAs } from "../../store/noteLeaving.ts";
import type { Store } from "../../store/Store.ts";

/** What of bytes is known, and what of their actions. */
export interface LeftOptions {
  readonly store: Store;
  readonly chainId: number;
  readonly cases: Draft;
  readonly tell: (input: Input) => void;
}

/**
 * Tells what of the actions in `cases` is stored or given out and not written there: whoever died between the two would have them
 * ended as if they were nowhere, and they took effect.
 */
export async function tellLeft({ store, chainId, cases, tell }: LeftOptions): Promise<void> {
  const { openActions = [], ended = [] } = readCase(cases, "standing", "") ?? {};
  for (const action of [...openActions, ...ended]) {
    const item = readCase(cases, "action", action);
    if (item === undefined || item.hasLeft === true) continue;
    // What was freed is signed anew, once there is an order.
    const own = (await listTransactions(store, action)).filter((tx) => tx.chainId === chainId && tx.state !== "freed");
    const left = own.findLast(({ state }) => hasLeftAs(state));
    const fact = { kind: "effect", action } as const;
    if (left !== undefined) {
      const note = isTerminal(item.state) ? leftAsItEnded : "it may have left before the watch was started anew";
      tell({ ...fact, txHash: left.hash, state: "broadcast", note });
    } else if (own.length > 0 && (item.state === "approved" || item.state === "cooling"))
      tell({ ...fact, txHash: own.at(-1)!.hash, state: "signed", note: "nonce and bytes are stored" });
  }
}

/** What is told where an action is in force before anything of it was told to have left: after a reorg it is given on. */
export const leftAsInForce = "it had left by the time that it was seen in force";

/** What people are told where an action has ended and may take effect all the same. */
export const leftAsItEnded = "it left as it was being ended, and may take effect all the same";
