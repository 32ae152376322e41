// Slots that moved without the event that should go with them. What stood there last is remembered, so that a block costs
// one read a slot, and a change in a block that we could not connect with the address is found at its next touch.

import type { Address, Hex } from "../../model/Hex.ts";
import type { Memory } from "../../model/Memory.ts";
import type { StateAnswer, StateRead } from "../../model/StateRead.ts";
import { beaconSlot, implementationSlot, proxiableSlot } from "../../signs/proxyOf.ts";

/** A slot that says who controls a contract. */
export type ControlSlot = readonly [name: string, slot: Hex];

/** Of EIP-1967 and EIP-1822. */
export const proxySlots: readonly ControlSlot[] = [
  ["implementation", implementationSlot],
  ["admin", "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103"],
  ["beacon", beaconSlot],
  ["proxiable", proxiableSlot],
];

const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;

/** SafeStorage of Safe 1.3 to 1.5, and the slots that its managers hash: a delegate call writes them past all events (Bybit 2025-02). */
export const safeSlots: readonly ControlSlot[] = [
  ["singleton", word(0)],
  ["owners", word(3)],
  ["threshold", word(4)],
  ["guard", "0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8"],
  ["moduleGuard", "0xb104e0b93118902c651344349b610029d694cfdec91c589c91ebafbcd0289947"],
  ["fallbackHandler", "0x6c9a6c4a39284e37ed1cf53d337577d14212a4870fb976a4366c693b939918d5"],
];

/** Which slots an event explains. */
export const slotsOfEvent: Readonly<Record<string, readonly string[]>> = {
  "Upgraded(address)": ["implementation", "proxiable"],
  "AdminChanged(address,address)": ["admin"],
  "BeaconUpgraded(address)": ["beacon"],
  "AddedOwner(address)": ["owners"],
  "RemovedOwner(address)": ["owners"],
  "ChangedThreshold(uint256)": ["threshold"],
  "ChangedGuard(address)": ["guard"],
  "ChangedModuleGuard(address)": ["moduleGuard"],
  "ChangedFallbackHandler(address)": ["fallbackHandler"],
  "ChangedMasterCopy(address)": ["singleton"],
};

/** A slot to look at. */
export interface AskedSlot {
  readonly address: Address;
  readonly name: string;
  readonly slot: Hex;
}

/** What says who controls an address, or whose code it runs, and moved. */
export interface Moved {
  readonly address: Address;
  readonly name: string;
  readonly before: Hex;
  readonly after: Hex;
}

/** Reads `asked` at the block and gives those that are not what they were; remembers what they are. */
export function movedSlots(
  memory: Memory,
  asked: readonly AskedSlot[],
  readAll: (reads: readonly StateRead[]) => readonly StateAnswer[],
): Moved[] {
  const unknown = asked.filter(({ address, name }) => memory.get(`${name}:${address}`) === undefined);
  const answers = readAll([
    ...asked.map(({ address, slot }) => ({ kind: "slot" as const, at: "block" as const, address, slot })),
    ...unknown.map(({ address, slot }) => ({ kind: "slot" as const, at: "parent" as const, address, slot })),
  ]);
  const wordOf = (i: number) => {
    const answer = answers[i];
    return answer?.ok === true ? answer.value : undefined;
  };
  return asked.flatMap(({ address, name }, i): Moved[] => {
    const key = `${name}:${address}`;
    const after = wordOf(i);
    const before = (memory.get(key) as Hex | undefined) ?? wordOf(asked.length + unknown.indexOf(asked[i]!));
    if (after !== undefined && after !== memory.get(key)) memory.set(key, after);
    return before === undefined || after === undefined || before === after ? [] : [{ address, name, before, after }];
  });
}
