// Elements of a field to points of the subgroup (RFC 9380, sections 6.6.3 and 7, as EIP-2537 takes it).
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { type G1Point, type G2Point, g1, g2, readFp, readFp2 } from "./blsPoints.ts";
import type { Precompile } from "./Precompile.ts";

// The library's types are those of the map alone; what runs takes an element and clears the cofactor.
const mapToG1 = bls12_381.G1.mapToCurve as unknown as (element: bigint) => G1Point;
const mapToG2 = bls12_381.G2.mapToCurve as unknown as (element: [bigint, bigint]) => G2Point;

/** An element of the field to a point over it. */
export const blsMapFpToG1: Precompile = {
  name: "blsMapFpToG1",
  gas: () => 5_500n,
  run: (input) => {
    const element = input.length === 64 ? readFp(input, 0) : undefined;
    return element === undefined ? undefined : g1.encode(mapToG1(element));
  },
};

/** An element of its quadratic extension to a point over that. */
export const blsMapFp2ToG2: Precompile = {
  name: "blsMapFp2ToG2",
  gas: () => 23_800n,
  run: (input) => {
    const element = input.length === 128 ? readFp2(input, 0) : undefined;
    return element && g2.encode(mapToG2([element.c0, element.c1]));
  },
};
