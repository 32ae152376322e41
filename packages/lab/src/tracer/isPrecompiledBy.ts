import type { Address } from "@testudo/core/model/Hex";

// The last of the addresses from 1 on that are precompiled contracts, by the fork that brought it; oldest first.
const lastByFork: { readonly [fork: string]: number } = {
  byzantium: 0x08,
  constantinople: 0x08,
  petersburg: 0x08,
  istanbul: 0x09,
  muirGlacier: 0x09,
  berlin: 0x09,
  london: 0x09,
  arrowGlacier: 0x09,
  grayGlacier: 0x09,
  paris: 0x09,
  shanghai: 0x09,
  cancun: 0x0a,
  prague: 0x11,
  osaka: 0x11,
  bpo1: 0x11,
  bpo2: 0x11,
};
const first = 0x04;
/** EIP-7951's, far from the others. */
const far = 0x100n;
const withFar = new Set(["osaka", "bpo1", "bpo2"]);

/** Tells which addresses are precompiled contracts by the rules of `fork`. */
export function isPrecompiledBy(fork: string): (address: Address) => boolean {
  const last = BigInt(lastByFork[fork] ?? first);
  return (address) => {
    const number = BigInt(address);
    return (number > 0n && number <= last) || (number === far && withFar.has(fork));
  };
}
