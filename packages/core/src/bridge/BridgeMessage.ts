// The ids of contracts/src/libraries/BridgeTypes.sol: EIP-712 struct hashes, the same on both chains.
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Address, Hex } from "../model/Hex.ts";

/** From where to where the messages of a route go: chain ids, the guards and the tokens on both. */
export interface BridgeLane {
  readonly source: bigint;
  readonly destination: bigint;
  readonly sourceGuard: Address;
  readonly destinationGuard: Address;
  readonly sourceToken: Address;
  readonly destinationToken: Address;
}

/** What a message moves; `nonce` is the sending guard's. */
export interface BridgeTransfer {
  readonly amount: bigint;
  readonly receiver: Address;
  readonly nonce: bigint;
}

const laneType =
  "Lane(uint64 source,uint64 destination,address sourceGuard,address destinationGuard,address sourceToken,address destinationToken)";
const laneTypeHash = keccak_256(utf8ToBytes(laneType));
const transferTypeHash = keccak_256(
  utf8ToBytes(`Transfer(Lane lane,uint256 amount,address receiver,uint64 nonce)${laneType}`),
);

/** The id of a message; both guards log it, and attestors sign it in the domain of the guard where it arrives. */
export function bridgeMessageId(lane: BridgeLane, transfer: BridgeTransfer): Hex {
  const words = [transfer.amount, BigInt(transfer.receiver), transfer.nonce].map(wordOf);
  return `0x${bytesToHex(keccak_256(concatBytes(transferTypeHash, laneHash(lane), ...words)))}`;
}

function laneHash(lane: BridgeLane): Uint8Array {
  const ends = [lane.sourceGuard, lane.destinationGuard, lane.sourceToken, lane.destinationToken].map(BigInt);
  return keccak_256(concatBytes(laneTypeHash, ...[lane.source, lane.destination, ...ends].map(wordOf)));
}

function wordOf(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(64, "0"));
}
