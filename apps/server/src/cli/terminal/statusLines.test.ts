import { expect, test } from "vitest";
import { statusLines } from "./statusLines.ts";
import { statusSchema } from "./statusSchema.ts";

const target = `0x${"ab".repeat(20)}`;

test.each([
  ["a guard rule", "guardRule", `guard rule on ${target}`],
  ["a pause", "pause", `pause of ${target}`],
  // A server of before the kind was told knew pauses alone.
  ["what a server does not say", undefined, `pause of ${target}`],
])("status calls %s what it is", (_, type, text) => {
  const action = { id: `0x${"12".repeat(32)}`, type, state: "confirmed", target, until: "1800000000" };
  const lines = statusLines(statusSchema.parse({ actions: [action] }), 1_800_000_000);
  expect(lines).toContain("actions   1 under way");
  expect(lines.find((line) => line.includes("0x1212121212…"))).toContain(`confirmed, ${text} until 2027-01-15`);
});
