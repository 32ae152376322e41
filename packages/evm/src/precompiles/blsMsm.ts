import { mulAddUnsafe, pippenger } from "@noble/curves/abstract/curve.js";
import { readNumber } from "./bigEndian.ts";
import { blsDiscountG1, blsDiscountG2 } from "./blsDiscount.ts";
import {
  type BlsGroup,
  G1,
  type G1Point,
  G2,
  type G2Point,
  g1,
  g2,
  readInSubgroup,
  scalarLength,
} from "./blsPoints.ts";
import type { Precompile } from "./Precompile.ts";

// Up to here a table for each point is no slower than sorting points into buckets, measured in both groups.
const fewPoints = 128;

interface Terms<P> {
  readonly points: P[];
  readonly scalars: bigint[];
}

/** The sum of points times scalars over the field (EIP-2537). */
export const blsG1Msm: Precompile = {
  name: "blsG1Msm",
  gas: (input) => msmGas(input.length, g1.length, 12_000n, blsDiscountG1),
  run: (input) => {
    const terms = readTerms<G1Point>(g1, G1.Fn.ORDER, input);
    if (terms === undefined) return undefined;
    const sum = terms.points.length < fewPoints ? mulAddUnsafe : pippenger;
    return g1.encode(sum(G1, terms.points, terms.scalars));
  },
};

/** The sum of points times scalars over its quadratic extension (EIP-2537). */
export const blsG2Msm: Precompile = {
  name: "blsG2Msm",
  gas: (input) => msmGas(input.length, g2.length, 22_500n, blsDiscountG2),
  run: (input) => {
    const terms = readTerms<G2Point>(g2, G2.Fn.ORDER, input);
    if (terms === undefined) return undefined;
    const sum = terms.points.length < fewPoints ? mulAddUnsafe : pippenger;
    return g2.encode(sum(G2, terms.points, terms.scalars));
  },
};

function msmGas(inputLength: number, pointLength: number, each: bigint, discounts: readonly number[]): bigint {
  const count = Math.floor(inputLength / (pointLength + scalarLength));
  if (count === 0) return 0n;
  const discount = discounts[Math.min(count, discounts.length) - 1]!;
  return (BigInt(count) * each * BigInt(discount)) / 1000n;
}

// Scalars may be as large as 32 bytes are; points have to be in the subgroup, even those that are multiplied by zero.
function readTerms<P extends G1Point | G2Point>(
  group: BlsGroup<P>,
  order: bigint,
  input: Uint8Array,
): Terms<P> | undefined {
  const step = group.length + scalarLength;
  if (input.length === 0 || input.length % step !== 0) return undefined;
  const terms: Terms<P> = { points: [], scalars: [] };
  for (let start = 0; start < input.length; start += step) {
    const point = readInSubgroup(group, input, start);
    if (point === undefined) return undefined;
    terms.points.push(point);
    terms.scalars.push(readNumber(input, start + group.length, scalarLength) % order);
  }
  return terms;
}
