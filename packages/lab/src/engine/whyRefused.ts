import type { EvmBlock, EvmOutcome, EvmTransaction } from "@testudo/core/model/Evm";
import { isContract } from "../record/isDelegated.ts";
import { mostItCosts } from "./mostItCosts.ts";
import { emptyCode, type WorldAccount } from "./WorldState.ts";

type Refused = Extract<EvmOutcome, { kind: "refused" }>;

/** Why the rules do not let in `tx`, of what a node lets through for whom it impersonates, or says in ways of its own. */
export function whyRefused(tx: EvmTransaction, sender: WorldAccount, at: EvmBlock): Refused | undefined {
  const cost = mostItCosts(tx, at.baseFeePerGas);
  if (sender.balance < cost)
    return refused("unfunded", `${tx.from} has ${sender.balance} wei and may have to pay ${cost}.`);
  const price = tx.maxFeePerGas ?? tx.gasPrice ?? at.baseFeePerGas;
  if (price < at.baseFeePerGas) return refused("invalid", `It pays ${price} for gas, less than ${at.baseFeePerGas}.`);
  if (tx.isImpersonated !== true && isContract(sender.code ?? emptyCode))
    return refused("invalid", `${tx.from} is a contract.`);
  if ((tx.blobVersionedHashes?.length ?? 0) > 0)
    return refused("blobs", "It carries blobs, which the node wants whole.");
  return undefined;
}

function refused(reason: Refused["reason"], detail: string): Refused {
  return { kind: "refused", reason, detail };
}
