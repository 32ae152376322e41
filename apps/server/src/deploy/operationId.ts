import type { Address, Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { encodeAbiParameters, keccak256 } from "viem/utils";
import type { Operation } from "./Plan.ts";

/** The most calls that one operation makes. */
export const maxCalls = 16;

export type Batch = readonly [Address[], bigint[], Hex[], Hex, Hex];

/** What the timelock is told of an operation: targets, ether, calls, predecessor, salt. */
export function batchOf({ calls, predecessor, salt }: Pick<Operation, "calls" | "predecessor" | "salt">): Batch {
  return [calls.map(({ to }) => to), calls.map(() => 0n), calls.map(({ data }) => data), predecessor, salt];
}

/** The timelock's id of an operation (OpenZeppelin's `hashOperationBatch`). */
export function idOf(operation: Pick<Operation, "calls" | "predecessor" | "salt">): Hex {
  const types = ["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32"].map((type) => ({ type }));
  return keccak256(encodeAbiParameters(types, batchOf(operation)));
}

/** The salt of the operation that begins with setting `from`, of those that were decided when the plan had `round`. */
export function saltOf(fileHash: Hex, round: number, from: number): Hex {
  return hashOf({ deployment: fileHash, round, from });
}
