import { eoaCode7702SignAuthorization } from "@ethereumjs/util";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, test } from "vitest";
import { parseAuthorization } from "./conformance/parseAuthorization.ts";
import { secretKey, sender, target, toHex } from "./conformance/transferTest.testkit.ts";
import { addressOfKey } from "./recoverAuthority.ts";

const key = Uint8Array.from(Buffer.from(secretKey.slice(2), "hex"));
const order = secp256k1.Point.CURVE().n;

/** A delegation to `target` as the peer signs it, in the suite's JSON. */
function signed(changes: object = {}) {
  const unsigned = { chainId: "0x01", address: target as `0x${string}`, nonce: "0x02" } as const;
  const [, , , yParity, r, s] = eoaCode7702SignAuthorization(unsigned, key) as unknown as Uint8Array[];
  return { ...unsigned, v: toHex(yParity!), r: toHex(r!), s: toHex(s!), ...changes };
}

const authorityOf = (json: object) => parseAuthorization(json, "t").authority;

test("EVM-02: a secret key has the address that it signs for", () => {
  expect(addressOfKey(key)).toBe(sender);
});

describe("EVM-02: a delegation's authority is who signed it", () => {
  test("behavior: the signature names it, whatever the file says", () => {
    expect(authorityOf(signed({ signer: target }))).toBe(sender);
  });

  test("behavior: without a signature the named signer is it", () => {
    expect(authorityOf({ chainId: "0x0", address: target, nonce: "0x0", signer: sender })).toBe(sender);
  });

  test("behavior: another nonce than the signed one is somebody else", () => {
    expect(authorityOf(signed({ nonce: "0x03" }))).not.toBe(sender);
  });

  test.each<[string, object]>([
    ["a parity above one", { v: "0x02" }],
    ["an r of zero", { r: "0x00" }],
    ["an r of the order", { r: `0x${order.toString(16)}` }],
    ["an r of no point", { r: "0x05" }],
    ["an s of zero", { s: "0x00" }],
    ["an s above half the order", { s: `0x${(order - BigInt(signed().s)).toString(16)}` }],
  ])("behavior: %s names nobody", (_, changes) => {
    expect(authorityOf(signed(changes))).toBeUndefined();
  });

  test("error: neither signature nor signer", () => {
    expect(() => authorityOf({ chainId: "0x0", address: target, nonce: "0x0" })).toThrow("t.signer is missing.");
  });
});
