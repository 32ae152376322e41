import { expect, test } from "vitest";
import { wadText } from "./wadText.ts";

test("behavior: a WAD is told with six places at most, cut off and without trailing zeros", () => {
  const told = [0n, 10n ** 18n, 15n * 10n ** 17n, 10n ** 18n + 1n, 999_999_999_999_999_999n, 2n ** 255n].map(wadText);
  expect(told).toEqual([
    "0",
    "1",
    "1.5",
    "1",
    "0.999999",
    "57896044618658097711785492504343953926634992332820282019728.792003",
  ]);
});
