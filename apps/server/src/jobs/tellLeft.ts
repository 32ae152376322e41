import { isTerminal } from "@testudo/core/model/ActionStatus";
import type { Input } from "@testudo/core/model/Input";
import type { Draft } from "@testudo/core/model/Memory";
import { readCase } from "@testudo/core/pipeline/Case";
import { listOpenTransactions } from "../store/leaseNonce.ts";
import type { Store } from "../store/Store.ts";

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
  const open = await listOpenTransactions(store, chainId);
  for (const { action, hash: txHash } of new Map(open.map((tx) => [tx.action, tx])).values()) {
    const item = readCase(cases, "action", action);
    if (item === undefined || isTerminal(item.state) || item.state === "active" || item.hasLeft === true) continue;
    const isOut = open.some((tx) => tx.action === action && tx.state === "sent");
    const fact = { kind: "effect", action, txHash } as const;
    if (isOut) tell({ ...fact, state: "broadcast", note: "it may have left before the watch was started anew" });
    else if (item.state === "approved" || item.state === "cooling")
      tell({ ...fact, state: "signed", note: "nonce and bytes are stored" });
  }
}
