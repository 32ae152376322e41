import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hexOf } from "./bytes.testkit.ts";
import { identity } from "./identity.ts";
import { ripemd160 } from "./ripemd160.ts";
import { sha256 } from "./sha256.ts";

test("EVM-01: sha256, ripemd160 and identity give what OpenSSL gives", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (input) => {
      expect(hexOf(sha256.run(input))).toBe(createHash("sha256").update(input).digest("hex"));
      const ripemd = createHash("ripemd160").update(input).digest("hex");
      expect(hexOf(ripemd160.run(input))).toBe(ripemd.padStart(64, "0"));
      expect(identity.run(input)).toEqual(input);
    }),
  );
});

test("EVM-01: hashing and copying cost by the word begun", () => {
  const gasOf = (length: number) => [sha256, ripemd160, identity].map(({ gas }) => gas(new Uint8Array(length)));
  expect(gasOf(0)).toEqual([60n, 600n, 15n]);
  expect(gasOf(1)).toEqual([72n, 720n, 18n]);
  expect(gasOf(32)).toEqual([72n, 720n, 18n]);
  expect(gasOf(33)).toEqual([84n, 840n, 21n]);
});

test("identity's output is no view of its input", () => {
  const input = Uint8Array.of(1, 2);
  const output = identity.run(input)!;
  input[0] = 9;
  expect(output).toEqual(Uint8Array.of(1, 2));
});
