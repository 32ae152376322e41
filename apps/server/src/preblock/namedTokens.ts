import type { Evm } from "@testudo/core/model/Evm";
import { type Address, addressOfWord } from "@testudo/core/model/Hex";
import { pushedWords } from "@testudo/core/signs/PushedWords";

// A contract's getters are its first functions to any reader; who has more than this is asked for some of them.
const gettersMax = 128;

/**
 * Gives which tokens `watched` may hold: `seen`, and those that they name when they are asked, which they are the first time.
 * Throws what the state throws.
 */
export function openNamedTokens(watched: readonly Address[]) {
  let named: Promise<readonly Address[]> | undefined;
  return async (evm: Evm, seen: readonly Address[]): Promise<readonly Address[]> => {
    named ??= namedBy(evm, watched);
    try {
      // What they name themselves comes first: anybody may send what is seen.
      return [...new Set([...(await named), ...seen])];
    } catch (error) {
      // A node that was away may be back at the next probe.
      named = undefined;
      throw error;
    }
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
