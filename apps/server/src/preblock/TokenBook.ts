import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import { type Address, addressOfWord, type Hex } from "@testudo/core/model/Hex";
import { topic } from "@testudo/core/model/KnownSignature";

/** Which tokens came to the protected addresses, or went. */
export interface TokenBook {
  /** Learns from the transfers of a block. */
  observe(bundle: BlockBundle): void;
  /** What is known: those that a protected address called itself before those that were only sent, each newest first. */
  seen(): readonly Address[];
}

const tokensMax = 32;

export function openTokenBook(watched: readonly Address[]): TokenBook {
  const us = new Set(watched);
  const seen = new Set<Address>();
  // Anybody may send anything, and would bury what is really held; what is called by the protocol itself is its own choice.
  const own = new Set<Address>();
  const isOurs = (word: Hex | undefined) => word !== undefined && us.has(addressOfWord(word));

  function note(book: Set<Address>, token: Address): void {
    book.delete(token);
    book.add(token);
    if (book.size > tokensMax) book.delete(book.values().next().value!);
  }

  return {
    observe({ logs, traces = [] }) {
      const moved = new Set<Address>();
      for (const { address, topics } of logs)
        if (topics[0] === topic.transfer && (isOurs(topics[1]) || isOurs(topics[2]))) moved.add(address);
      for (const token of moved) note(seen, token);
      if (moved.size === 0) return;
      for (const { parent, context, reverted } of traces.flatMap((trace) => walk(trace)))
        if (!reverted && parent !== undefined && us.has(parent.context) && moved.has(context)) note(own, context);
    },
    seen: () => [...new Set([...[...own].reverse(), ...[...seen].reverse()])],
  };
}
