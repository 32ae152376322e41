import { expect, test } from "vitest";
import { timeText } from "./timeText.ts";

test("behavior: a time is a date to the second, and beyond dates a number", () => {
  expect(timeText(0n)).toBe("1970-01-01 00:00:00 UTC");
  expect(timeText(1_700_000_000n)).toBe("2023-11-14 22:13:20 UTC");
  expect(timeText(8_640_000_000_000n)).toBe("+275760-09-13 00:00:00 UTC");
  expect(timeText(8_640_000_000_001n)).toBe("second 8640000000001");
  expect(timeText(2n ** 256n - 1n)).toBe(`second ${2n ** 256n - 1n}`);
});
