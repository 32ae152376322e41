import { expect, test } from "vitest";
import { looksSecret, quoted } from "./looksSecret.ts";

const key = "ab".repeat(32);
const words = "abandon ability able about above absent absorb abstract absurd abuse access accident";

test.each([key, `0x${key}`, ` 0X${key.toUpperCase()}\n`, words, `${words} ${words}`])(
  "behavior: what may be a key is not shown: %#",
  (text) => {
    expect(quoted(text)).toBe("(not shown: it looks like a key)");
  },
);

test.each(["deployer.json", `0x${"ab".repeat(20)}`, "a path with spaces", ""])("behavior: %s is shown", (text) => {
  expect([looksSecret(text), quoted(text)]).toEqual([false, `"${text}"`]);
});
