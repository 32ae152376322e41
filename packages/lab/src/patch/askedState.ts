import type { StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";

/** What an engine was asked to know: whatever it has changed is among it, but for the storage of contracts made on the way. */
export interface Asked {
  readonly accounts: Set<Address>;
  readonly slots: Map<Address, Set<Hex>>;
}

/** `source`, and what is asked of it from now on. */
export function noteAsked(source: StateSource): { readonly source: StateSource; readonly asked: Asked } {
  const asked: Asked = { accounts: new Set(), slots: new Map() };
  return {
    asked,
    source: {
      account(address) {
        asked.accounts.add(address);
        return source.account(address);
      },
      slot(address, key) {
        const keys = asked.slots.get(address) ?? new Set<Hex>();
        asked.slots.set(address, keys.add(key));
        return source.slot(address, key);
      },
      blockHash: (number) => source.blockHash(number),
    },
  };
}
