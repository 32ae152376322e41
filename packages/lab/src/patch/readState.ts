import type { Evm, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Asked } from "./askedState.ts";

/** Words by `address` (its balance) or `address slot`. */
export type StateReading = ReadonlyMap<string, Hex>;

/** The balances and slots of `asked` as they stand. What cannot be read is left out. */
export async function readState(evm: Evm, asked: Asked): Promise<StateReading> {
  const words = new Map<string, Hex>();
  for (const address of asked.accounts) {
    const answer = await evm.read({ kind: "balance", address });
    if (answer.ok) words.set(address, answer.value);
  }
  for (const [address, slots] of asked.slots)
    for (const slot of slots) {
      const answer = await evm.read({ kind: "slot", address, slot });
      if (answer.ok) words.set(keyOf(address, slot), answer.value);
    }
  return words;
}

/** What `source` begins with at `key`. */
export async function startingWord(source: StateSource, key: string): Promise<Hex> {
  const [address, slot] = key.split(" ") as [Address, Hex | undefined];
  if (slot !== undefined) return source.slot(address, slot);
  return toWord((await source.account(address))?.balance ?? 0n);
}

export function keyOf(address: Address, slot: Hex): string {
  return `${address} ${slot}`;
}

export function toWord(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
