import { type AccountState, StateMissing, type StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Capsule } from "../record/Capsule.ts";

/** What was asked for and not recorded, sorted. */
export interface Missing {
  readonly accounts: readonly Address[];
  readonly slots: readonly { readonly address: Address; readonly slot: Hex }[];
  readonly blockHashes: readonly number[];
}

/** The state of a capsule, and a list of what was asked beyond it. */
export interface WatchedState {
  readonly source: StateSource;
  missing(): Missing;
}

const zeroWord: Hex = `0x${"0".repeat(64)}`;

// A hostile contract asks for as many slots as its gas pays.
const listMax = 100_000;

/**
 * The state of `capsule` as an engine's source. What was not recorded counts as empty or zero, and is listed; a block's hash
 * and code cannot be made up: who asks for such a one is refused.
 */
export function watchState({ accounts, blockHashes }: Pick<Capsule, "accounts" | "blockHashes">): WatchedState {
  const missing = { accounts: new Set<Address>(), slots: new Set<string>(), blockHashes: new Set<number>() };
  const note = <T>(list: Set<T>, value: T): void => {
    if (list.size < listMax) list.add(value);
  };
  const source: StateSource = {
    async account(address): Promise<AccountState | undefined> {
      const found = accounts.get(address);
      if (found === undefined) note(missing.accounts, address);
      return found;
    },
    async slot(address, key) {
      const account = accounts.get(address);
      const word = account?.storage.get(key);
      if (word !== undefined) return word;
      if (account === undefined) note(missing.accounts, address);
      // What has no code has no storage: it is made in this block.
      else if (account.code !== "0x") note(missing.slots, `${address} ${key}`);
      return zeroWord;
    },
    async blockHash(number) {
      const hash = blockHashes?.get(number);
      if (hash !== undefined) return hash;
      note(missing.blockHashes, Number(number));
      throw new StateMissing("missing-state", `The hash of block ${number}`);
    },
  };
  return {
    source,
    missing: () => ({
      accounts: [...missing.accounts].sort(),
      slots: [...missing.slots]
        .sort()
        .map((id) => ({ address: id.slice(0, 42) as Address, slot: id.slice(43) as Hex })),
      blockHashes: [...missing.blockHashes].sort((a, b) => a - b),
    }),
  };
}
