import { zeroAddress } from "../model/Asset.ts";
import { type Address, addressOfWord, type Hex } from "../model/Hex.ts";
import type { At, StateAnswer, StateRead } from "../model/StateRead.ts";

/** How an address runs the code of another. */
export interface Proxy {
  readonly kind: "eip-7702" | "eip-1167" | "eip-1967" | "eip-1967-beacon" | "eip-1822";
  readonly implementation: Address;
  readonly beacon?: Address;
}

// keccak256 of the name, less one for EIP-1967; keccak256("PROXIABLE") for EIP-1822.
export const implementationSlot: Hex = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
export const beaconSlot: Hex = "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50";
export const proxiableSlot: Hex = "0xc5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7";
/** `implementation()`, by which a beacon tells where it points. */
export const implementationCall: Hex = "0x5c60da1b";

// EIP-7702: the code of a delegating account is this mark and an address. EIP-1167 in its usual form, and EIP-7511's with PUSH0.
const delegation = /^0xef0100([0-9a-f]{40})$/;
const clones = [
  /^0x363d3d373d3d3d363d73([0-9a-f]{40})5af43d82803e903d91602b57fd5bf3/,
  /^0x365f5f375f5f365f73([0-9a-f]{40})5af43d5f5f3e5f3d91602a57fd5bf3/,
];

/**
 * Whose code runs at `address` at the block `at`, read from state by hash; undefined for a contract of its own.
 * What the code says goes before the slots, which any contract may write. One round of reads; two for a beacon.
 * `readAll` may throw ReadPending. Source: EIP-1967, EIP-1822, EIP-1167, EIP-7511, EIP-7702.
 */
export function proxyOf(
  readAll: (reads: readonly StateRead[]) => readonly StateAnswer[],
  address: Address,
  at: At,
): Proxy | undefined {
  const slots = [implementationSlot, beaconSlot, proxiableSlot];
  const [code, ...words] = readAll([
    { kind: "code", at, address },
    ...slots.map((slot): StateRead => ({ kind: "slot", at, address, slot })),
  ]);
  if (code?.ok !== true || code.value === "0x") return undefined;
  const delegate = delegation.exec(code.value)?.[1];
  if (delegate !== undefined) return { kind: "eip-7702", implementation: `0x${delegate}` };
  const target = clones.map((clone) => clone.exec(code.value)?.[1]).find((found) => found !== undefined);
  if (target !== undefined) return { kind: "eip-1167", implementation: `0x${target}` };
  const [implementation, beacon, proxiable] = words.map(addressIn);
  if (implementation !== undefined) return { kind: "eip-1967", implementation };
  if (beacon !== undefined) {
    const [answer] = readAll([{ kind: "call", at, to: beacon, data: implementationCall }]);
    const behind = addressIn(answer);
    if (behind !== undefined) return { kind: "eip-1967-beacon", implementation: behind, beacon };
  }
  return proxiable === undefined ? undefined : { kind: "eip-1822", implementation: proxiable };
}

function addressIn(answer: StateAnswer | undefined): Address | undefined {
  if (answer?.ok !== true || !/^0x0{24}[0-9a-f]{40}$/i.test(answer.value)) return undefined;
  const address = addressOfWord(answer.value);
  return address === zeroAddress ? undefined : address;
}
