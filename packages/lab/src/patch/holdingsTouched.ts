// What an attack may have taken: which tokens are asked, and of whom.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { logsOf } from "@testudo/core/model/CallTree";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { topic } from "@testudo/core/model/KnownSignature";
import type { Holding } from "../capsule/holdings.ts";

/** `named` by transfers. What `maybe` is a holding, too, is one if it answers: a log of another kind names its holder. */
export interface Touched {
  readonly named: readonly Holding[];
  readonly maybe: readonly Holding[];
}

/** The holdings of `holders` that `traces` may have changed: ether, and tokens whose logs name a holder, as WETH's Withdrawal does. */
export function holdingsTouched(holders: readonly Address[], traces: readonly CallFrame[]): Touched {
  const named = new Map<string, Holding>(holders.map((holder) => [holder, { holder }]));
  const maybe = new Map<string, Holding>();
  for (const { address, topics, data } of traces.flatMap(logsOf)) {
    // ERC-721 has a third indexed word: its balances are counts, and read the same way.
    const isTransfer = topics[0] === topic.transfer && topics.length >= 3;
    for (const holder of holders)
      if (names(isTransfer ? topics.slice(1, 3) : [...topics, data], holder))
        (isTransfer ? named : maybe).set(holder + address, { holder, token: address });
  }
  for (const key of named.keys()) maybe.delete(key);
  return { named: [...named.values()], maybe: [...maybe.values()] };
}

function names(words: readonly Hex[], holder: Address): boolean {
  return words.some((word) => word.includes(holder.slice(2)));
}
