import fc from "fast-check";
import { expect, test } from "vitest";
import { raiseAbove } from "./offerFees.ts";

const wei = fc.bigInt({ min: 0n, max: 10n ** 13n });
const feesOf = (tip: bigint, rest: bigint) => ({ maxFeePerGas: tip + rest, maxPriorityFeePerGas: tip });

test("RESP-09: property: a raise is an eighth above its own, more than an eighth above the attack's, or as much as may be", () => {
  const run = (tip: bigint, rest: bigint, bidTip: bigint, bidRest: bigint, mostWei: bigint) => {
    const [own, bid] = [feesOf(tip, rest), { tipWei: bidTip, maxFeeWei: bidTip + bidRest }];
    const raised = raiseAbove(own, bid, mostWei);
    if (raised === undefined) {
      // Nothing that a node would take for a replacement is within what may be offered.
      expect(mostWei * 8n).toBeLessThan(own.maxFeePerGas * 9n + 8n);
      return;
    }
    expect(raised.maxFeePerGas).toBeLessThanOrEqual(mostWei);
    expect(raised.maxPriorityFeePerGas).toBeLessThanOrEqual(raised.maxFeePerGas);
    expect(raised.maxFeePerGas * 8n).toBeGreaterThanOrEqual(own.maxFeePerGas * 9n);
    expect(raised.maxPriorityFeePerGas * 8n).toBeGreaterThanOrEqual(own.maxPriorityFeePerGas * 9n);
    if (raised.maxFeePerGas === mostWei) return;
    if (bidTip > 0n) expect(raised.maxPriorityFeePerGas * 8n).toBeGreaterThan(bidTip * 9n);
    if (bid.maxFeeWei > 0n) expect(raised.maxFeePerGas * 8n).toBeGreaterThan(bid.maxFeeWei * 9n);
  };
  fc.assert(fc.property(wei, wei, wei, wei, wei, run), { numRuns: 2_000 });
});
