import { type AccountState, StateMissing, type StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";

/** Accounts as they were recorded, by lower-case address. */
export interface RecordedState {
  readonly accounts: ReadonlyMap<Address, RecordedAccount>;
  /** Hashes of older blocks, where known. */
  readonly blockHashes?: ReadonlyMap<bigint, Hex>;
  /** What a word of storage is that was not recorded: zero, or `StateMissing`. */
  readonly absentSlots: "zero" | "missing";
}

export interface RecordedAccount extends AccountState {
  /** Words of 32 bytes by keys of 32 bytes. */
  readonly storage: ReadonlyMap<Hex, Hex>;
}

const zeroWord: Hex = `0x${"0".repeat(64)}`;

/** A source of state over what was recorded. An address that is not there has never been used. */
export function recordedState({ accounts, blockHashes, absentSlots }: RecordedState): StateSource {
  return {
    account: async (address) => accounts.get(address),
    async slot(address, key) {
      const account = accounts.get(address);
      const word = account?.storage.get(key);
      if (word !== undefined) return word;
      // What has no code has no storage: it is made in this block.
      if (account === undefined || account.code === "0x" || absentSlots === "zero") return zeroWord;
      throw new StateMissing("missing-state", `Slot ${key} of ${address}`);
    },
    async blockHash(number) {
      const hash = blockHashes?.get(number);
      if (hash === undefined) throw new StateMissing("missing-state", `The hash of block ${number}`);
      return hash;
    },
  };
}
