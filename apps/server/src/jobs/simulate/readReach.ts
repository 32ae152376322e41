import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Source, toBigint, toBytes } from "@testudo/chain/wire/parseField";
import { circuitBreaker } from "@testudo/contracts";
import type { PauseAction } from "@testudo/core/model/Action";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeFunctionData } from "viem/utils";
import { askAny } from "../askNodes.ts";

/** How long a selector of an action would be paused: `until` in Unix seconds. */
export interface PauseEnd {
  readonly action: PauseAction;
  readonly selector: Hex;
  readonly until: bigint;
}

// A pause that would end sooner may be over in the block that holds it.
const leastPauseSeconds = 60n;

/**
 * How far the pauses of `actions` would reach at `ref`. The council pauses each selector of an action as far as its own
 * bounds reach and refuses only when none is paused then, and so is it here: what is spent is left out while others of
 * the action are not. What the breaker does not know, or cannot pause at all, stays as asked and will be refused.
 * Throws what a node throws where none answers.
 */
export async function readReach(
  endpoints: readonly Endpoint[],
  ref: BlockRef,
  actions: readonly PauseAction[],
  breaker: Address,
): Promise<readonly PauseEnd[]> {
  const ends = await Promise.all(actions.map((action) => reachOf(endpoints, ref, action, breaker)));
  return ends.flat();
}

async function reachOf(
  endpoints: readonly Endpoint[],
  ref: BlockRef,
  action: PauseAction,
  breaker: Address,
): Promise<PauseEnd[]> {
  const { target, selectors, until } = action;
  const calls = selectors.map((selector) => {
    const data = encodeFunctionData({ abi: circuitBreaker.abi, functionName: "reach", args: [target, selector] });
    return { method: "eth_call", params: [{ to: breaker, data }, { blockHash: ref.hash }] };
  });
  const reach = (await askAny(endpoints, async ({ batch, label }) => {
    const source = { method: "eth_call", endpoint: label };
    // What one node makes up of it is no answer: the next is asked.
    return (await batch(calls)).map((answer) => (answer.ok ? firstWordOf(answer.result, source) : until));
  }))!;
  const least = ref.timestamp + leastPauseSeconds;
  const isPausable = reach.some((end) => end > least);
  return selectors.flatMap((selector, i) => {
    if (isPausable && reach[i]! <= least) return [];
    return [{ action, selector, until: isPausable && reach[i]! < until ? reach[i]! : until }];
  });
}

function firstWordOf(result: unknown, source: Source): bigint {
  return toBigint(source, "result", toBytes(source, "result", result).slice(0, 66));
}
