import type { Evm, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Asked } from "./askedState.ts";

/** Words by `address` (its balance) or `address slot`. */
export type StateReading = ReadonlyMap<string, Hex>;

/** The balances and slots of `asked` as they stand. What cannot be read is left out. */
export async function readState(evm: Evm, { accounts, slots }: Asked): Promise<StateReading> {
  const ofSlots = [...slots].flatMap(([address, own]) => [...own].map((slot) => keyOf(address, slot)));
  return readKeys(evm, [...accounts, ...ofSlots]);
}

/** The words at `keys`, as `readState` names them. */
export async function readKeys(evm: Evm, keys: readonly string[]): Promise<StateReading> {
  const words = new Map<string, Hex>();
  for (const key of keys) {
    const [address, slot] = partsOf(key);
    const answer = await evm.read(slot === undefined ? { kind: "balance", address } : { kind: "slot", address, slot });
    if (answer.ok) words.set(key, answer.value);
  }
  return words;
}

/** What `source` begins with at `key`. */
export async function startingWord(source: StateSource, key: string): Promise<Hex> {
  const [address, slot] = partsOf(key);
  if (slot !== undefined) return source.slot(address, slot);
  return toWord((await source.account(address))?.balance ?? 0n);
}

function partsOf(key: string): [Address, Hex | undefined] {
  return key.split(" ") as [Address, Hex | undefined];
}

export function keyOf(address: Address, slot: Hex): string {
  return `${address} ${slot}`;
}

export function toWord(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
