import { isTerminal } from "@testudo/core/model/ActionStatus";
import type { Draft } from "@testudo/core/model/Memory";
import { readCase } from "@testudo/core/pipeline/Case";
import { dropOpen, dropUnsent, freeUnsent, listOpenTransactions } from "../../store/leaseNonce.ts";
import type { Store } from "../../store/Store.ts";

/**
 * Drops the bytes of actions that have ended by `cases`, as far as they never left or nothing can come of them: whoever died between the two would have those behind
 * them wait for a nonce that nobody fills. Those of a rule are dropped in any case: no deadline ends them on chain, and nobody is to give them on.
 * Those of a pause that is in force are freed where they never left.
 */
export async function dropEnded(store: Store, chainId: number, cases: Draft): Promise<void> {
  const open = await listOpenTransactions(store, chainId);
  for (const id of new Set(open.map(({ action }) => action))) {
    const item = readCase(cases, "action", id);
    if (item?.state === "active" && item.action.type === "pause") await freeUnsent(store.db, id);
    if (item === undefined || !isTerminal(item.state)) continue;
    const isVoid = item.state === "failed" || item.action.type === "guardRule";
    await (isVoid ? dropOpen : dropUnsent)(store.db, id);
  }
}
