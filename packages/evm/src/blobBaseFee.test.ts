import { expect, test } from "vitest";
import { blobBaseFee } from "./blobBaseFee.ts";

const cancun = 3_338_477n;

test("EVM-01: the price of blobs is one wei without excess, and e times as much with each fraction of it", () => {
  expect(blobBaseFee(0n, cancun)).toBe(1n);
  expect(blobBaseFee(cancun * 10n, cancun)).toBe(22_026n);
});

test("EVM-08: whatever excess a header names, the price is a word and found at once", () => {
  const most = 2n ** 256n - 1n;
  expect(blobBaseFee(cancun * 177n, cancun)).toBeLessThanOrEqual(most);
  for (const excess of [cancun * 177n + 1n, 2n ** 64n - 1n, 2n ** 256n]) expect(blobBaseFee(excess, cancun)).toBe(most);
});
