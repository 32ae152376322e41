import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import { type Address, addressOfWord, type Hex } from "@testudo/core/model/Hex";
import { topic } from "@testudo/core/model/KnownSignature";

/** Which tokens came to the protected addresses, or went. */
export interface TokenBook {
  /** Learns from the transfers of a block. */
  observe(bundle: BlockBundle): void;
  /** What is known, newest first. */
  seen(): readonly Address[];
}

const tokensMax = 32;

export function openTokenBook(watched: readonly Address[]): TokenBook {
  const us = new Set(watched);
  const seen = new Set<Address>();
  const isOurs = (word: Hex | undefined) => word !== undefined && us.has(addressOfWord(word));

  function note(token: Address): void {
    seen.delete(token);
    seen.add(token);
    if (seen.size > tokensMax) seen.delete(seen.values().next().value!);
  }

  return {
    observe({ logs }) {
      for (const { address, topics } of logs)
        if (topics[0] === topic.transfer && (isOurs(topics[1]) || isOurs(topics[2]))) note(address);
    },
    seen: () => [...seen].reverse(),
  };
}
