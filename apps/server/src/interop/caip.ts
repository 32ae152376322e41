import type { Address } from "@testudo/core/model/Hex";

/** A chain as CAIP-2 names it: `eip155:1`. */
export function caip2(chainId: number): string {
  return `eip155:${chainId}`;
}

/** An account on a chain as CAIP-10 names it: `eip155:1:0x…`, lower case. */
export function caip10(chainId: number, address: Address): string {
  return `${caip2(chainId)}:${address.toLowerCase()}`;
}
