import { encodeBn254Point, readBn254Point } from "./bn254.ts";
import type { Precompile } from "./Precompile.ts";

/** The sum of two points (EIP-196; price by EIP-1108). What is missing of the input reads as zeros. */
export const bn254Add: Precompile = {
  name: "bn254Add",
  gas: () => 150n,
  run: (input) => {
    const [a, b] = [readBn254Point(input, 0), readBn254Point(input, 64)];
    return a && b && encodeBn254Point(a.add(b));
  },
};
