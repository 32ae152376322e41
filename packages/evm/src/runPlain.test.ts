// The way of plain transactions against the rules as they stand: one with an empty access list goes by these, and is the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fork } from "./fork.ts";
import { addressOf, asker, clearer, fresh, known, openRules, sender, storer } from "./transactionRules.testkit.ts";

const edges = (...values: bigint[]) => fc.constantFrom(...values);
const prices = edges(0n, 9n, 10n, 11n, 25n, 1n << 62n, 1n << 63n, 1n << 64n, 1n << 200n);
const plain = fc.record(
  {
    from: fc.constantFrom(sender, known, fresh, storer),
    to: fc.constantFrom(
      known,
      fresh,
      storer,
      clearer,
      asker,
      sender,
      addressOf("cb"),
      addressOf("00").replace(/0$/, "4"),
    ),
    value: edges(0n, 1n, 7n, 10n ** 21n, (1n << 256n) - 1n),
    input: fc.uint8Array({ maxLength: 80 }),
    gas: fc.oneof(
      edges(0n, 21_000n, 21_004n, 43_200n, 16_777_217n, 1n << 40n, 1n << 62n, 1n << 64n),
      fc.bigInt(21_000n, 70_000n),
    ),
    fee: fc.oneof(
      fc.constant({}),
      fc.record({ gasPrice: prices }),
      fc.record({ maxFeePerGas: prices }),
      fc.record({ maxFeePerGas: prices, maxPriorityFeePerGas: prices }),
    ),
    nonce: edges(0n, 1n, (1n << 64n) - 1n),
  },
  { requiredKeys: ["from", "to", "value", "input", "gas", "fee"] },
);

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
        for (const { fee, ...rest } of transactions) {
          const tx = { ...rest, ...fee, to: rest.to as typeof sender };
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
