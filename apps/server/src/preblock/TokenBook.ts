import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Evm } from "@testudo/core/model/Evm";
import { type Address, addressOfWord, type Hex } from "@testudo/core/model/Hex";
import { topic } from "@testudo/core/model/KnownSignature";
import { pushedWords } from "@testudo/core/model/PushedWords";

/** Which tokens the protected addresses may hold: those that came or went, and those that they name when asked. */
export interface TokenBook {
  /** Learns from the transfers of a block. */
  observe(bundle: BlockBundle): void;
  /** What is known, newest first; the first time `evm` is asked what the protected addresses name. */
  tokensOn(evm: Evm): Promise<readonly Address[]>;
}

const tokensMax = 32;
// A contract's getters are its first functions to any reader; who has more than this is asked for some of them.
const gettersMax = 128;

export function openTokenBook(watched: readonly Address[]): TokenBook {
  const us = new Set(watched);
  const seen = new Set<Address>();
  let named: Promise<readonly Address[]> | undefined;
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
    async tokensOn(evm) {
      named ??= namedBy(evm, watched);
      try {
        return [...new Set([...[...seen].reverse(), ...(await named)])];
      } catch (error) {
        // A node that was away may be back at the next probe.
        named = undefined;
        throw error;
      }
    },
  };
}

/** What functions without arguments of `watched` answer that may be the address of a token: `asset()`, `token()` and the like. */
async function namedBy(evm: Evm, watched: readonly Address[]): Promise<readonly Address[]> {
  const found = new Set<Address>();
  for (const to of watched) {
    const code = await evm.read({ kind: "code", address: to });
    if (!code.ok) continue;
    for (const data of pushedWords(code.value).functions.slice(0, gettersMax)) {
      const answer = await evm.read({ kind: "call", to, data });
      if (answer.ok && /^0x0{24}(?!0{8})[0-9a-f]{40}$/.test(answer.value)) found.add(addressOfWord(answer.value));
    }
  }
  for (const us of watched) found.delete(us);
  return [...found];
}
