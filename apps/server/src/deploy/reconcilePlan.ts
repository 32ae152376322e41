import { findReceipt } from "@testudo/chain/act/sendAction";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { hasCode } from "./askChain.ts";
import type { Plan, PlannedContract } from "./Plan.ts";

/**
 * `plan` as the chain tells it now: a creation that came into a block while no run was looking has its block, and one that
 * a reorg took back has none. Throws what the node throws.
 */
export async function reconcilePlan(plan: Plan, endpoint: Endpoint): Promise<Plan> {
  return { ...plan, contracts: await Promise.all(plan.contracts.map((contract) => reconcile(contract, endpoint))) };
}

async function reconcile(contract: PlannedContract, endpoint: Endpoint): Promise<PlannedContract> {
  const { block, ...planned } = contract;
  if (planned.transactions.length === 0) return contract;
  if (block !== undefined && (await hasCode(endpoint, planned.address))) return contract;
  const receipt = await findReceipt(
    endpoint,
    planned.transactions.map(({ hash }) => hash),
  );
  return receipt?.succeeded === true ? { ...planned, block: Number(receipt.blockNumber) } : planned;
}
