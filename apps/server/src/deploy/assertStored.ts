import { recoverSender } from "@testudo/chain/wire/recoverSender";
import type { Hex } from "@testudo/core/model/Hex";
import { keccak256, parseTransaction } from "viem/utils";
import { type Plan, PlanForged, type PlannedContract } from "./Plan.ts";

/**
 * Throws PlanForged where bytes that `plan` would have sent are not the deployer's own creation of that contract, under its
 * nonce and with the fees that stand beside them. `codes`: creation code by name.
 */
export async function assertStored(plan: Plan, path: string, codes: ReadonlyMap<string, Hex>): Promise<void> {
  for (const contract of plan.contracts)
    for (const transaction of contract.transactions) {
      const why = await whyForged(plan, contract, transaction, codes.get(contract.name));
      if (why !== undefined) throw new PlanForged(path, `transaction ${transaction.hash} of ${contract.name} ${why}`);
    }
}

async function whyForged(
  { deployer, chainId }: Plan,
  { nonce, block }: PlannedContract,
  { raw, hash, ...fees }: PlannedContract["transactions"][number],
  code: Hex | undefined,
): Promise<string | undefined> {
  if (keccak256(raw) !== hash) return "has another hash than its bytes";
  const signed = readSigned(raw);
  if (signed === undefined) return "is no transaction that testudo makes";
  if ((await signerOf(raw)) !== deployer) return `is not signed by the deployer ${deployer}`;
  if (signed.nonce !== nonce || signed.chainId !== chainId) return "has another nonce or chain than the plan";
  if (signed.to || (signed.value ?? 0n) !== 0n) return "creates nothing, or sends ether";
  const isAsSaid = (["gas", "maxFeePerGas", "maxPriorityFeePerGas"] as const).every(
    (field) => `${signed[field] ?? 0n}` === fees[field],
  );
  if (!isAsSaid) return "offers other fees than the plan says";
  // What stands may have been given other values than the file has by now; its code is compared with the chain's.
  return block === undefined && signed.data !== code ? "creates something else than the file's contract" : undefined;
}

function readSigned(raw: Hex) {
  try {
    const signed = parseTransaction(raw);
    return signed.type === "eip1559" ? signed : undefined;
  } catch {
    return undefined;
  }
}

async function signerOf(raw: Hex): Promise<string | undefined> {
  try {
    return await recoverSender(raw);
  } catch {
    return undefined;
  }
}
