/** Numbers that follow from a seed alone, the same everywhere. */
export interface Random {
  /** 32 bits. */
  bits(): number;
  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number;
  /** True `times` out of a hundred. */
  chance(times: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** 256 bits. */
  word(): bigint;
  bytes(length: number): Uint8Array;
}

/** Bob Jenkins' small fast generator (sfc32), begun with `seed`. */
export function createRandom(seed: number): Random {
  let a = seed >>> 0;
  let b = (seed ^ 0x9e3779b9) >>> 0;
  let c = 0x243f6a88;
  let counter = 1;

  function bits(): number {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  }
  for (let i = 0; i < 12; i++) bits();

  const below = (end: number): number => Math.floor((bits() / 2 ** 32) * end);
  return {
    bits,
    below,
    chance: (times) => below(100) < times,
    pick: (from) => from[below(from.length)]!,
    word() {
      let word = 0n;
      for (let i = 0; i < 8; i++) word = (word << 32n) | BigInt(bits());
      return word;
    },
    bytes: (length) => Uint8Array.from({ length }, () => bits() & 0xff),
  };
}
