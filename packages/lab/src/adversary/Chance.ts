/** Pseudo-random choices from a seed: the same seed gives the same choices on every machine. */
export interface Chance {
  /** 32 random bits, unsigned. */
  bits(): number;
  /** A whole number from 0 to one below `limit`, which is at most 2^32. */
  below(limit: number): number;
  /** True once in `n` times. */
  once(n: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A whole number of up to `bits` bits; all lengths are alike, so that small ones are as common as great ones. */
  number(bits: number): bigint;
  /** Where it is: `goTo` it, and the same choices follow. */
  mark(): ChanceMark;
  goTo(mark: ChanceMark): void;
}

export type ChanceMark = readonly [number, number, number, number];

/** xorshift128 (Marsaglia, 2003), its state spread from the seed by the finaliser of MurmurHash3. */
export function openChance(seed: number): Chance {
  let [x, y, z, w] = [1, 2, 3, 4].map((i) => spread((seed + Math.imul(i, 0x9e3779b9)) | 0)) as [
    number,
    number,
    number,
    number,
  ];
  function bits(): number {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  }
  const below = (limit: number): number => Math.floor((bits() / 2 ** 32) * limit);
  return {
    bits,
    below,
    once: (n) => below(n) === 0,
    pick: (list) => list[below(list.length)]!,
    number(most) {
      const length = below(most + 1);
      let value = 0n;
      for (let at = 0; at < length; at += 32) value = (value << 32n) | BigInt(bits());
      return BigInt.asUintN(length, value);
    },
    mark: () => [x, y, z, w],
    goTo(mark) {
      [x, y, z, w] = mark;
    },
  };
}

function spread(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 1;
}
