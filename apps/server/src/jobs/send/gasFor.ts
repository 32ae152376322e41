import { type EstimatedCall, estimateGas } from "@testudo/chain/act/sendAction";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Action } from "@testudo/core/model/Action";
import { askAll, isNodes, medianDown } from "../askNodes.ts";

/** Measured: about 75,000 for three signatures and one selector, 30,000 for each further selector. */
function usualGas({ selectors }: Action): bigint {
  return 300_000n + 60_000n * BigInt(selectors.length);
}

// As much again for what another chain's block may charge for data by the time that it takes them.
const timesEstimate = 2n;
// The whole is offered for no more than an ether: of more gas less is left for each.
const mostTimes = 64n;

/**
 * The gas that the transaction of `action`, which makes `call`, is given. Rollups exist that count in gas what their data costs
 * on another chain, millions of it on a dear day (Arbitrum): where nodes estimate more than usual twice that is given. One of two
 * that names any amount is not to make a sender look too poor for it: the lower word counts.
 */
export async function gasFor(endpoints: readonly Endpoint[], action: Action, call: EstimatedCall): Promise<bigint> {
  const usual = usualGas(action);
  const estimates = await askAll(endpoints, (endpoint) => estimateGas(endpoint, call)).catch((error: unknown) => {
    // What would revert now may not when it comes into a block, and some nodes estimate nothing.
    if (!isNodes(error)) throw error;
    return [];
  });
  if (estimates.length === 0) return usual;
  const estimate = medianDown(estimates);
  if (estimate <= usual) return usual;
  const wanted = estimate * timesEstimate;
  return wanted < usual * mostTimes ? wanted : usual * mostTimes;
}
