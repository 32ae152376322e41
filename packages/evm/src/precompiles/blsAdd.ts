// Sums ask for points of the curve only, not of the subgroup. Both groups of points have odd order, for which the library's
// formulas for addition hold without exception.
import { type BlsGroup, g1, g2 } from "./blsPoints.ts";
import type { Precompile } from "./Precompile.ts";

interface Summand<P> {
  add(other: P): P;
}

function sumOf<P extends Summand<P>>(name: string, gas: bigint, group: BlsGroup<P>): Precompile {
  return {
    name,
    gas: () => gas,
    run: (input) => {
      if (input.length !== 2 * group.length) return undefined;
      const [a, b] = [group.read(input, 0), group.read(input, group.length)];
      return a && b && group.encode(a.add(b));
    },
  };
}

/** The sum of two points over the field (EIP-2537). */
export const blsG1Add = sumOf("blsG1Add", 375n, g1);

/** The sum of two points over its quadratic extension (EIP-2537). */
export const blsG2Add = sumOf("blsG2Add", 600n, g2);
