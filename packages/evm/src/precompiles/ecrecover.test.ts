import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, hexOf, join, numbers } from "./bytes.testkit.ts";
import { ecrecover } from "./ecrecover.ts";

const n = secp256k1.Point.Fn.ORDER;
// From the state test stPreCompiledContracts2/CallEcrecover0.
const hash = 0x18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1cn;
const r = 0x73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75fn;
const s = 0xeeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549n;
const signer = "000000000000000000000000a94f5374fce5edbc8e2a8697c15331677e6ebf0b";

function recover(...words: readonly bigint[]): string {
  return hexOf(ecrecover.run(numbers(32, ...words)));
}

test("EVM-01: ecrecover finds the signer of the state tests, high s and what follows the input included", () => {
  expect(recover(hash, 28n, r, s)).toBe(signer);
  expect(recover(hash, 28n, r, s, 5n)).toBe(signer);
  expect(recover(hash, 27n, r, n - s)).toBe(signer);
  expect(ecrecover.gas(new Uint8Array(0))).toBe(3000n);
});

test.each([
  ["v of 29", [hash, 29n, r, s]],
  ["v of 0", [hash, 0n, r, s]],
  ["v with a high byte", [hash, (1n << 248n) + 28n, r, s]],
  ["r of zero", [hash, 28n, 0n, s]],
  ["r of the order", [hash, 28n, n, s]],
  ["s of zero", [hash, 28n, r, 0n]],
  ["s of the order", [hash, 28n, r, n]],
  ["an r that is no x of the curve", [hash, 28n, 5n, s]],
  ["an input cut short", [hash, 28n]],
])("EVM-01: ecrecover gives nothing, and does not fail, for %s", (_, words) => {
  expect(recover(...words)).toBe("");
});

test("EVM-01: ecrecover gives nothing for a signature whose key would be infinity", () => {
  // R = G and s = hash: s R - hash G is infinity.
  const generatorX = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;
  expect(recover(7n, 27n, generatorX, 7n)).toBe("");
});

test("EVM-01: ecrecover finds whoever signed", () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: n - 1n }), bytes32, (key, message) => {
      const secret = numbers(32, key);
      const signature = secp256k1.sign(message, secret, { prehash: false, format: "recovered" });
      const v = numbers(32, 27n + BigInt(signature[0]!));
      const publicKey = secp256k1.getPublicKey(secret, false);
      const address = hexOf(keccak_256(publicKey.subarray(1))).slice(24);
      const found = ecrecover.run(join(message, v, signature.subarray(1)));
      expect(hexOf(found)).toBe(address.padStart(64, "0"));
    }),
    { numRuns: 100 },
  );
});

test("an input may begin anywhere in a larger buffer", () => {
  const input = numbers(32, hash, 28n, r, s);
  const larger = join(bytesOf("ffffff"), input, bytesOf("ff"));
  expect(hexOf(ecrecover.run(larger.subarray(3, 131)))).toBe(signer);
});
