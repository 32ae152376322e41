import fc from "fast-check";
import { expect, test } from "vitest";
import { FeesTooHigh, openFeeLimit } from "./feeLimit.ts";

test("DEPLOY-14: whatever is offered, what the chain can take of it stays within the limit", () => {
  const offer = fc.record({ nonce: fc.nat(4), gas: fc.bigInt(0n, 100n), fee: fc.bigInt(0n, 100n) });
  fc.assert(
    fc.property(fc.array(offer), fc.bigInt(0n, 20_000n), (offers, maxFee) => {
      const limit = openFeeLimit(maxFee);
      const signed = new Map<number, bigint>();
      for (const { nonce, gas, fee } of offers)
        try {
          limit.offer(nonce, gas, fee);
          // One of those with the same nonce comes into the chain: at worst the dearest.
          const former = signed.get(nonce) ?? 0n;
          signed.set(nonce, gas * fee > former ? gas * fee : former);
        } catch (error) {
          expect(error).toBeInstanceOf(FeesTooHigh);
        }
      expect([...signed.values()].reduce((sum, cost) => sum + cost, 0n)).toBeLessThanOrEqual(maxFee);
    }),
  );
});

test("DEPLOY-14: an offer up to the limit is taken, and one wei more is refused with figure and way out", () => {
  const limit = openFeeLimit();
  limit.offer(0, 10n ** 9n, 10n ** 9n);
  expect(() => limit.offer(1, 1n, 1n)).toThrow(
    /^Gas would cost up to 1\.000000000000000001 ether.*\n- One run may offer 1 ether;.*\n- .*--max-fee/,
  );
  // The same creation for more: it takes the place of the former.
  expect(() => openFeeLimit(10n).offer(0, 11n, 1n)).toThrow(FeesTooHigh);
});
