// The way of plain transactions against the rules as they stand: one with an empty access list goes by these, and is the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fork } from "./fork.ts";
import type { Address } from "./hex.ts";
import { addressOf, asker, clearer, fresh, known, openRules, sender, storer } from "./transactionRules.testkit.ts";

/** Mostly what is allowed, and now and then what no transaction may have. */
const mostly = (good: readonly bigint[], odd: readonly bigint[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
const mostlyOf = (good: readonly Address[], odd: readonly Address[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
const [word, limb] = [1n << 256n, 1n << 64n];
const price = mostly([10n, 11n, 25n, 1n << 40n], [-1n, 0n, 9n, 1n << 62n, 1n << 63n, limb, 1n << 200n, word]);
const tip = mostly([0n, 1n, 20n], [-1n, 1n << 63n, limb, word]);
const plain = fc.record({
  from: mostlyOf([sender], [known, fresh, storer]),
  to: mostlyOf(
    [storer, clearer, asker, known, fresh, sender],
    [addressOf("cb"), "0x0000000000000000000000000000000000000004"],
  ),
  value: mostly([0n, 1n, 7n], [10n ** 21n, word - 1n, word, word + 1n, -1n]),
  input: fc.uint8Array({ maxLength: 80 }),
  gas: fc.oneof(
    { weight: 1, arbitrary: fc.bigInt(21_000n, 30_000n) },
    { weight: 2, arbitrary: fc.bigInt(40_000n, 90_000n) },
    { weight: 1, arbitrary: mostly([21_000n, 21_004n], [-1n, 0n, 16_777_217n, 1n << 40n, 1n << 62n, limb]) },
  ),
  fee: fc.oneof(
    fc.constant({}),
    fc.record({ gasPrice: price }),
    fc.record({ maxFeePerGas: price }),
    fc.record({ maxFeePerGas: price, maxPriorityFeePerGas: tip }),
  ),
  nonce: fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ nonce: fc.constantFrom(-1n, 0n, 1n, limb - 1n, limb) }) },
  ),
});

test.each<Fork>(["cancun", "prague", "osaka"])(
  "EVM-01: in %s a plain transaction comes out, and leaves, what the rules say step by step",
  async (fork) => {
    const [short, long] = await Promise.all([openRules(fork), openRules(fork)]);
    const begin = [short.snapshot(), long.snapshot()] as const;
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1, maxLength: 4 }), (transactions) => {
        short.rollback(begin[0]);
        long.rollback(begin[1]);
        for (const { fee, nonce, ...rest } of transactions) {
          const tx = { ...rest, ...fee, ...nonce };
          const outcome = short.send(tx);
          expect(outcome).toEqual(long.send({ ...tx, accessList: [] }));
          seen.add(outcome.kind === "invalid" ? "invalid" : (outcome.error ?? "succeeded"));
        }
        expect(short.accounts()).toEqual(long.accounts());
        expect(short.logs()).toEqual(long.logs());
      }),
      { numRuns: 1_000 },
    );
    expect([...seen]).toEqual(expect.arrayContaining(["invalid", "succeeded", "execution reverted", "out of gas"]));
  },
);
