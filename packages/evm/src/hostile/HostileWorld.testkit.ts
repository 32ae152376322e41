import { createRandom, type Random } from "../fuzz/Random.ts";
import { randomCode } from "../fuzz/randomCode.ts";
import { type Address, toAddress } from "../hex.ts";
import type { EngineAccount, EngineOptions, EngineSource } from "../openEngine.ts";
import { accountsOf, placeOf } from "./Attack.testkit.ts";
import { attacks } from "./attacks.testkit.ts";
import { randomHostileCode } from "./randomHostileCode.testkit.ts";

export const attacker: Address = `0x${"a7".repeat(20)}`;
const codeAt = (n: number): Address => toAddress(0xbad0_0000n + BigInt(n));

/** A state full of code that means harm, and how an engine is opened on it. */
export interface HostileWorld {
  readonly options: EngineOptions;
  /** Contracts that are worth calling. */
  readonly targets: readonly Address[];
  readonly accounts: ReadonlyMap<Address, EngineAccount>;
  readonly attack: string;
}

/** The world of a seed. In some the state is given whole, in others a source has it. */
export function hostileWorld(seed: number): HostileWorld {
  const random = createRandom(seed);
  const attack = random.pick(attacks);
  const places = [...attack.codes.map((_, i) => placeOf(i)), ...Array.from({ length: 6 }, (_, n) => codeAt(n))];
  const words = places.map(BigInt);
  const accounts = new Map(accountsOf(attack));
  accounts.set(attacker, { balance: 10n ** 24n, nonce: 3n, code: new Uint8Array() });
  for (let n = 0; n < 6; n++) {
    const length = 20 + random.below(random.chance(85) ? 400 : 8_000);
    const code = n < 4 ? randomHostileCode(random, length, words) : randomCode(random, length, words);
    const storage = new Map(Array.from({ length: random.below(4) }, (_, key) => [BigInt(key), random.word()]));
    accounts.set(codeAt(n), { balance: BigInt(random.below(1_000)), nonce: 1n, code, storage });
  }
  return { options: optionsOf(random, accounts), targets: places, accounts, attack: attack.name };
}

function optionsOf(random: Random, accounts: ReadonlyMap<Address, EngineAccount>): EngineOptions {
  const isAsked = random.chance(40);
  const hook = () => random.chance(40);
  return {
    fork: random.pick(["cancun", "prague", "osaka"]),
    chainId: 1n,
    block: {
      number: 20_000_000n,
      timestamp: 1_750_000_000n,
      gasLimit: 60_000_000n,
      baseFeePerGas: 7n,
      coinbase: `0x${"cb".repeat(20)}`,
      prevRandao: random.word(),
      excessBlobGas: 0n,
    },
    hooks: { edges: hook(), comparisons: hook(), storage: hook(), flows: hook(), calls: hook(), trace: hook() },
    cheats: random.chance(25),
    memoryBytes: random.pick([2 ** 26, 2 ** 26, 2 ** 27, 2 ** 28]),
    ...(isAsked ? {} : { accounts }),
    source: sourceOf(isAsked ? accounts : new Map()),
  };
}

function sourceOf(accounts: ReadonlyMap<Address, EngineAccount>): EngineSource {
  return {
    account: async (address) => accounts.get(address),
    slot: async (address, key) => accounts.get(address)?.storage?.get(key) ?? 0n,
    blockHash: async (number) => new Uint8Array(32).fill(Number(number & 0xffn)),
  };
}
