import { type GlvCurve, splitScalar } from "./GlvCurve.ts";
import {
  type Addend,
  type AffinePoint,
  add,
  double,
  infinity,
  type JacobianPoint,
  toAddend,
  toAffine,
} from "./JacobianPoint.ts";
import { nonAdjacentForm } from "./nonAdjacentForm.ts";

/** Odd multiples of a point, 1, 3, 5 … below `2^(width - 1)`, and of what `lambda` makes of it. */
export interface OddMultiples {
  readonly width: number;
  readonly multiples: readonly Addend[];
  readonly mapped: readonly Addend[];
}

/** Those of a point that is used once: `2^(width - 2)` additions. */
export function oddMultiplesOf(curve: GlvCurve, point: AffinePoint, width: number): OddMultiples {
  const first = toAddend(curve, { ...point, z: 1n });
  const twice = toAddend(curve, double(curve, first));
  const multiples = [first];
  while (multiples.length < 1 << (width - 2)) multiples.push(toAddend(curve, add(curve, multiples.at(-1)!, twice)));
  return withMapped(curve, width, multiples);
}

/** The same with all z made 1, which costs an inversion each and saves a fifth of every addition later. */
export function lastingMultiplesOf(curve: GlvCurve, point: AffinePoint, width: number): OddMultiples {
  const { multiples } = oddMultiplesOf(curve, point, width);
  const affine = multiples.map((multiple) => ({ ...toAffine(curve, multiple)!, z: 1n, zz: 1n, zzz: 1n }));
  return withMapped(curve, width, affine);
}

/** The sum of `scalar * point` over all terms, with one doubling for each bit of half a scalar. Scalars are below n. */
export function sumOfMultiples(curve: GlvCurve, terms: readonly (readonly [bigint, OddMultiples])[]): JacobianPoint {
  const walks = terms.flatMap(([scalar, { width, multiples, mapped }]) => {
    const [k1, k2] = splitScalar(curve, scalar);
    return [
      { digits: nonAdjacentForm(k1, width), table: multiples },
      { digits: nonAdjacentForm(k2, width), table: mapped },
    ];
  });
  let sum = infinity;
  for (let i = Math.max(...walks.map(({ digits }) => digits.length)) - 1; i >= 0; i--) {
    sum = double(curve, sum);
    for (const { digits, table } of walks) {
      const digit = digits[i];
      if (digit) sum = add(curve, sum, digit > 0 ? table[digit >> 1]! : negate(table[-digit >> 1]!));
    }
  }
  return sum;
}

function withMapped(curve: GlvCurve, width: number, multiples: readonly Addend[]): OddMultiples {
  const mapped = multiples.map((multiple) => ({ ...multiple, x: curve.reduce(multiple.x * curve.beta) }));
  return { width, multiples, mapped };
}

function negate({ x, y, z, zz, zzz }: Addend): Addend {
  return { x, y: -y, z, zz, zzz };
}
