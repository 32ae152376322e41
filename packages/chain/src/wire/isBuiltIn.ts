import type { Address } from "@testudo/core/model/Hex";

/** Whether a chain may have built in what runs at `address`, so that its code cannot be replaced and it may log beside the EVM. */
export function isBuiltIn(address: Address): boolean {
  return address.startsWith(`0x${"0".repeat(36)}`);
}
