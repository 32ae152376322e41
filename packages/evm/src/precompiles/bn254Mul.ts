import { bn254 } from "@noble/curves/bn254.js";
import { readNumber } from "./bigEndian.ts";
import { encodeBn254Point, readBn254Point } from "./bn254.ts";
import type { Precompile } from "./Precompile.ts";

/** A point times any number of 256 bits (EIP-196; price by EIP-1108). What is missing of the input reads as zeros. */
export const bn254Mul: Precompile = {
  name: "bn254Mul",
  gas: () => 6000n,
  run: (input) => {
    const scalar = readNumber(input, 64, 32) % bn254.fields.Fr.ORDER;
    const point = readBn254Point(input, 0);
    return point && encodeBn254Point(point.multiplyUnsafe(scalar));
  },
};
