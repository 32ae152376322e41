import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hexOf } from "./bytes.testkit.ts";
import { ripemd160 } from "./ripemd160.ts";
import { sha256 } from "./sha256.ts";

test("EVM-01: sha256 and ripemd160 give what OpenSSL gives", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (input) => {
      expect(hexOf(sha256.run(input))).toBe(createHash("sha256").update(input).digest("hex"));
      const ripemd = createHash("ripemd160").update(input).digest("hex");
      expect(hexOf(ripemd160.run(input))).toBe(ripemd.padStart(64, "0"));
    }),
  );
});

test("EVM-01: hashing costs by the word begun", () => {
  const gasOf = (length: number) => [sha256, ripemd160].map(({ gas }) => gas(new Uint8Array(length)));
  expect(gasOf(0)).toEqual([60n, 600n]);
  expect(gasOf(1)).toEqual([72n, 720n]);
  expect(gasOf(32)).toEqual([72n, 720n]);
  expect(gasOf(33)).toEqual([84n, 840n]);
});
