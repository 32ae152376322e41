import { bn254 as library } from "@noble/curves/bn254.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bn254Add } from "./bn254Add.ts";
import { bn254Mul } from "./bn254Mul.ts";
import { bn254Pairing } from "./bn254Pairing.ts";
import { bytesOf, hexOf, join, numbers, scalars } from "./bytes.testkit.ts";
import { bn254G1, bn254G2, bn254Order as n, bn254Prime as p } from "./curves.testkit.ts";

const one = "1".padStart(64, "0");
const zero = "0".repeat(64);
const infinity = new Uint8Array(64);
const run = (precompile: { run(input: Uint8Array): Uint8Array | undefined }, ...parts: readonly Uint8Array[]) =>
  hexOf(precompile.run(join(...parts)));

test("EVM-01: twice the generator of bn254 is what state tests say, by sum and by product", () => {
  const twice =
    "030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3" +
    "15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4";
  expect(run(bn254Add, numbers(32, 1n, 2n, 1n, 2n))).toBe(twice);
  expect(run(bn254Mul, numbers(32, 1n, 2n, 2n))).toBe(twice);
});

test("EVM-01: sums and products of bn254 agree with another implementation", () => {
  fc.assert(
    fc.property(scalars(n), scalars(n), (a, b) => {
      expect(run(bn254Add, bn254G1(a), bn254G1(b))).toBe(hexOf(bn254G1(a + b)));
      expect(run(bn254Mul, bn254G1(a), numbers(32, b))).toBe(hexOf(bn254G1(a * b)));
    }),
    { numRuns: 60 },
  );
});

test("EVM-01: infinity is two zeros; what is missing reads as zeros and what follows is not read", () => {
  const point = bn254G1(5n);
  expect(run(bn254Add)).toBe(hexOf(infinity));
  expect(run(bn254Add, point)).toBe(hexOf(point));
  expect(run(bn254Add, infinity, point, bytesOf("ff"))).toBe(hexOf(point));
  expect(run(bn254Add, point, bn254G1(-5n))).toBe(hexOf(infinity));
  expect(run(bn254Mul, point)).toBe(hexOf(infinity));
  expect(run(bn254Mul, infinity, numbers(32, 7n))).toBe(hexOf(infinity));
  expect(run(bn254Mul, point, numbers(32, n), bytesOf("ff"))).toBe(hexOf(infinity));
  // A scalar that stops short is the number with zeros behind it.
  expect(run(bn254Mul, point, bytesOf("01"))).toBe(hexOf(bn254G1(5n << 248n)));
});

test.each([
  ["lies not on the curve", numbers(32, 1n, 3n)],
  ["has an x of zero alone", numbers(32, 0n, 1n)],
  ["has an x that is not in the field", numbers(32, 1n + p, 2n)],
  ["has a y that is not in the field", numbers(32, 1n, 2n + p)],
])("EVM-01: a call of bn254 fails whose point %s", (_, point) => {
  expect(run(bn254Add, point)).toBe("fails");
  expect(run(bn254Add, infinity, point)).toBe("fails");
  expect(run(bn254Mul, point, numbers(32, 0n))).toBe("fails");
  expect(run(bn254Pairing, point, bn254G2(0n))).toBe("fails");
});

test("EVM-01: the pairing of bn254 is bilinear: k pairs give one if the products of their scalars sum to zero", () => {
  const scalar = fc.bigInt({ min: 0n, max: n - 1n });
  fc.assert(
    fc.property(fc.array(fc.tuple(scalar, scalar), { maxLength: 2 }), fc.boolean(), (pairs, isOff) => {
      const sum = pairs.reduce((total, [a, b]) => total + a * b, isOff ? 1n : 0n);
      const parts = [...pairs, [-sum, 1n] as const].flatMap(([a, b]) => [bn254G1(a), bn254G2(b)]);
      expect(run(bn254Pairing, ...parts)).toBe(isOff ? zero : one);
    }),
    { numRuns: 8 },
  );
});

test("EVM-01: the pairing of bn254 costs by the pair, and of none is one", () => {
  expect(run(bn254Pairing)).toBe(one);
  expect([0, 192, 384, 575].map((length) => bn254Pairing.gas(new Uint8Array(length)))).toEqual([
    45_000n,
    79_000n,
    113_000n,
    113_000n,
  ]);
  expect([bn254Add, bn254Mul].map(({ gas }) => gas(infinity))).toEqual([150n, 6_000n]);
});

test.each([
  ["lies not on the twist", numbers(32, 1n, 2n, 3n, 4n)],
  [
    "has its parts in the other order",
    join(bn254G2(1n).subarray(32, 64), bn254G2(1n).subarray(0, 32), bn254G2(1n).subarray(64)),
  ],
  ["is not in the field", join(numbers(32, p), bn254G2(1n).subarray(32))],
  ["is outside the subgroup", outsideSubgroup()],
  ["stops short", bn254G2(1n).subarray(1)],
])("EVM-01: a pairing of bn254 fails whose second point %s, even beside infinity", (_, point) => {
  expect(run(bn254Pairing, bn254G1(1n), point)).toBe("fails");
  expect(run(bn254Pairing, infinity, point)).toBe("fails");
});

test("a pair with infinity on one side is a factor of one", () => {
  expect(run(bn254Pairing, bn254G1(4n), bn254G2(0n))).toBe(one);
  expect(run(bn254Pairing, bn254G1(4n), bn254G2(0n), bn254G1(2n), bn254G2(1n))).toBe(zero);
});

// The twist has many more points than the subgroup: nearly every x that has a y will do.
function outsideSubgroup(): Uint8Array {
  const { Fp2 } = library.fields;
  const { b } = library.G2.Point.CURVE();
  for (let i = 1n; ; i++) {
    const x = Fp2.fromBigTuple([i, 1n]);
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    try {
      const y = Fp2.sqrt(square);
      return numbers(32, x.c1, x.c0, y.c1, y.c0);
    } catch {}
  }
}
