// Where gate and breaker keep what is theirs in the storage of a protected contract (PauseStorage.sol, GateProxy.sol).
import type { Address, Hex } from "@testudo/core/model/Hex";
import { keccak256 } from "viem/utils";

/** GateProxy's implementation and open flag. */
export const gateSlot: Hex = "0x5da4d7791a33da834b4803b4c2ecb78ba07640a1672548ee2791a753b5fd6600";
/** ERC-1967's implementation. */
export const implementationSlot: Hex = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
const root = 0xec9ff4ba60272a8a63337af2bbff933eb10014afdb771bf84f879c42718c2000n;

/** The slots in which a target notes that `accounts` have called in a block (NO_SAME_BLOCK). */
export function markSlots(accounts: Iterable<Address>): Hex[] {
  return [...accounts].map((account) => mappingSlot(account.slice(2).padStart(64, "0"), 2n));
}

function mappingSlot(key: string, offset: bigint): Hex {
  return keccak256(`0x${key}${(root + offset).toString(16).padStart(64, "0")}`);
}
