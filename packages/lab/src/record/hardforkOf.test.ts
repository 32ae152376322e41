import { Common, Mainnet } from "@ethereumjs/common";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hardforkNames } from "./hardforkNames.ts";
import { hardforkOf } from "./hardforkOf.ts";

const mainnet = new Common({ chain: Mainnet });
const cancun = 1_710_338_135n;

test("EVM-04: a block's rules are those in force on mainnet at its time, as another library tells them", () => {
  const seconds = fc.bigInt({ min: cancun, max: 2_000_000_000n });
  const borders = fc.constantFrom(1_746_612_311n, 1_764_798_551n, 1_765_290_071n, 1_767_747_671n);
  const near = fc.tuple(borders, fc.bigInt({ min: -1n, max: 0n })).map(([at, off]) => at + off);
  fc.assert(
    fc.property(fc.oneof(seconds, near), (timestamp) => {
      expect(hardforkOf({ timestamp })).toBe(mainnet.getHardforkBy({ blockNumber: 15_537_394n, timestamp }));
    }),
  );
});

test("EVM-04: a block before Cancun has none of these rules, and one that names its rules has those", () => {
  expect(hardforkOf({ timestamp: cancun - 1n })).toBe(undefined);
  expect(hardforkOf({ timestamp: 0n, hardfork: "prague" })).toBe("prague");
});

// Its enumeration has some that it has no rules for.
test("EVM-04: the names that are taken are those for which there are rules", () => {
  expect(hardforkNames).toEqual(Mainnet.hardforks.map(({ name }) => name));
});
