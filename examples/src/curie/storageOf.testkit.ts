import { gunzipSync } from "node:zlib";
import type { Address, Hex } from "viem";
import { concat, keccak256, pad, toHex } from "viem/utils";
import { type ChainSession, rpc } from "./ChainSession.ts";

/** Every word that is not zero, by contract and slot: addresses in lower case, slots and words as 32 bytes. */
export type Storage = ReadonlyMap<Address, ReadonlyMap<Hex, Hex>>;

type Dump = { readonly accounts: { readonly [address: Address]: { readonly storage: { readonly [slot: Hex]: Hex } } } };

/** Reads the whole chain's storage out of anvil's dump of its state. */
export async function readStorage(session: ChainSession): Promise<Storage> {
  const dump = await rpc<Hex>(session.client, "anvil_dumpState", []);
  const { accounts } = JSON.parse(gunzipSync(Buffer.from(dump.slice(2), "hex")).toString("utf8")) as Dump;
  const word = (value: Hex) => pad(value, { size: 32 }).toLowerCase() as Hex;
  const wordsOf = (storage: Dump["accounts"][Address]["storage"]): ReadonlyMap<Hex, Hex> =>
    new Map(
      (Object.entries(storage) as [Hex, Hex][])
        .filter(([, value]) => BigInt(value) !== 0n)
        .map(([slot, value]) => [word(slot), word(value)]),
    );
  return new Map(
    (Object.entries(accounts) as [Address, Dump["accounts"][Address]][])
      .map(([address, { storage }]): [Address, ReadonlyMap<Hex, Hex>] => [
        address.toLowerCase() as Address,
        wordsOf(storage),
      ])
      .filter(([, words]) => words.size > 0),
  );
}

/** The slots of `account` whose words differ between two chains, with the word on either side (undefined: zero). */
export function differingSlots(
  a: Storage,
  b: Storage,
  account: Address,
): ReadonlyMap<Hex, readonly [Hex | undefined, Hex | undefined]> {
  const key = account.toLowerCase() as Address;
  const [left, right] = [a.get(key), b.get(key)];
  const slots = [...new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])].sort();
  return new Map(
    slots
      .filter((slot) => left?.get(slot) !== right?.get(slot))
      .map((slot) => [slot, [left?.get(slot), right?.get(slot)] as const]),
  );
}

/** Root slot of an ERC-7201 namespace. */
export function namespaceRoot(name: string): Hex {
  const inner = toHex(BigInt(keccak256(toHex(name))) - 1n, { size: 32 });
  return toHex(BigInt(keccak256(inner)) & ~0xffn, { size: 32 });
}

/** Slot of `mapping(bytes4 => …)` at `root` for `selector`. */
export function selectorSlot(root: Hex, selector: Hex): Hex {
  return keccak256(concat([pad(selector, { dir: "right", size: 32 }), root]));
}
