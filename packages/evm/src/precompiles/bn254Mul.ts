import { readNumber } from "./bigEndian.ts";
import { bn254, encodeBn254Point, readBn254Point } from "./bn254.ts";
import type { Precompile } from "./Precompile.ts";
import { oddMultiplesOf, sumOfMultiples } from "./sumOfMultiples.ts";

/** A point times any number of 256 bits (EIP-196; price by EIP-1108). What is missing of the input reads as zeros. */
export const bn254Mul: Precompile = {
  name: "bn254Mul",
  gas: () => 6000n,
  run: (input) => {
    const point = readBn254Point(input, 0);
    if (point === undefined || point.z === 0n) return point && encodeBn254Point(point);
    const scalar = readNumber(input, 64, 32) % bn254.n;
    return encodeBn254Point(sumOfMultiples(bn254, [[scalar, oddMultiplesOf(bn254, point, 5)]]));
  },
};
