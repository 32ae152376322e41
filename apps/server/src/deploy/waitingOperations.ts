import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { timelock } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { decodeEventLog, decodeFunctionResult, encodeFunctionData, toEventSelector } from "viem/utils";
import { getLogs, type ReadAt } from "./readChain.ts";

/** An operation that the timelock holds and that can still be executed. */
export interface WaitingOperation {
  readonly id: Hex;
  readonly calls: readonly { readonly to: Address; readonly data: Hex }[];
}

const abi = timelock.abi;
const scheduled = abi.filter((item) => item.type === "event" && item.name === "CallScheduled");
// OpenZeppelin's TimelockController: unset, waiting, ready, done.
const alive = [1, 2];

/** All that was ever scheduled at the timelock `at` and is neither executed nor cancelled nor lapsed, whoever did it. */
export async function waitingOperations(
  endpoint: Endpoint,
  at: Address,
  { blockHash, blockNumber, fromBlock }: ReadAt,
): Promise<readonly WaitingOperation[]> {
  const filter = { address: [at], topics: [scheduled.map((event) => toEventSelector(event as never))] };
  const calls = new Map<Hex, { to: Address; data: Hex }[]>();
  for (const { data, topics } of await getLogs(endpoint, filter, fromBlock, blockNumber)) {
    const { args } = decodeEventLog({ abi, data, topics: topics as [Hex] });
    const { id, target, data: call } = args as unknown as { id: Hex; target: Address; data: Hex };
    calls.set(id, [...(calls.get(id) ?? []), { to: target.toLowerCase() as Address, data: call }]);
  }
  const ids = [...calls.keys()];
  const answers = await endpoint.batch(
    ids.map((id) => ({ method: "eth_call", params: [stateOf(at, id), { blockHash }] })),
  );
  return ids.flatMap((id, i) => {
    const answer = answers[i]!;
    if (!answer.ok) throw answer.error;
    const state = decodeFunctionResult({ abi, functionName: "getOperationState", data: answer.result as Hex } as never);
    return alive.includes(Number(state)) ? [{ id, calls: calls.get(id)! }] : [];
  });
}

function stateOf(to: Address, id: Hex) {
  return { to, data: encodeFunctionData({ abi, functionName: "getOperationState", args: [id] } as never) };
}
