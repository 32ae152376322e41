import type { Address } from "../hex.ts";
import type { EngineAccount } from "../openEngine.ts";
import { type FuzzWorld, fuzzBlock, senderAccounts, senders } from "./FuzzWorld.ts";
import type { Random } from "./Random.ts";
import { randomCode } from "./randomCode.ts";
import { randomWord } from "./randomWord.ts";

/** A few accounts of random bytecode that call each other. */
export function soupWorld(random: Random, fork: FuzzWorld["fork"] = "cancun"): FuzzWorld {
  const addresses = Array.from(
    { length: 5 },
    (_, i): Address => `0x${"50".repeat(19)}${(i + 1).toString(16).padStart(2, "0")}`,
  );
  const words = [...addresses, ...senders].map(BigInt);
  const accounts = new Map<Address, Required<EngineAccount>>(senderAccounts());
  for (const address of addresses) {
    const keys = Array.from({ length: random.below(4) }, (_, key) => BigInt(key));
    accounts.set(address, {
      balance: BigInt(random.below(1_000)),
      nonce: 1n,
      code: randomCode(random, 30 + random.below(random.chance(80) ? 500 : 4_000), words),
      storage: new Map(keys.map((key) => [key, randomWord(random, words) || 1n])),
    });
  }
  return {
    name: "random bytecode",
    fork,
    block: fuzzBlock,
    accounts,
    senders,
    targets: addresses.map((address) => ({ address, functions: [] })),
    initCodes: Array.from({ length: 4 }, () => randomCode(random, 20 + random.below(300), words)),
    words,
  };
}
