// Bytecode out of a seed, the same everywhere.

// Operations with the words that they take; each leaves one, or none where it takes two and stores them.
const takes: readonly (readonly [code: number, words: number, leaves: number])[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 0x0a, 0x0b, 0x10, 0x12, 0x14, 0x16, 0x1a, 0x1b, 0x1c, 0x1d].map(
    (code) => [code, 2, 1] as const,
  ),
  ...[0x08, 0x09].map((code) => [code, 3, 1] as const),
  ...[0x15, 0x19, 0x31, 0x35, 0x3b, 0x3f, 0x54, 0x5c].map((code) => [code, 1, 1] as const),
  ...[0x30, 0x33, 0x34, 0x36, 0x42, 0x44, 0x47, 0x48, 0x4a, 0x59, 0x5a].map((code) => [code, 0, 1] as const),
  ...[0x55, 0x5d].map((code) => [code, 2, 0] as const),
];

/** Arithmetic, state and the world around it in random order, most of which runs to its end. */
export function randomCode(next: (below: number) => number): Uint8Array {
  const code: number[] = [];
  let height = 0;
  for (let i = 0; i < 120; i++) {
    const [operation, words, leaves] = takes[next(takes.length)]!;
    if (next(3) === 0 || height < words) {
      const length = next(4) === 0 ? 32 : 1 + next(4);
      code.push(0x5f + length, ...Array.from({ length }, () => next(256)));
      height++;
    } else {
      code.push(operation);
      height += leaves - words;
    }
    // One in some hundred ends it early, as nothing or as a failure.
    if (next(500) === 0) code.push(next(256));
  }
  const store = height > 0 ? [0x5f, 0x52] : [];
  return Uint8Array.from([...code, ...store, 0x60, 0x40, 0x5f, next(6) === 0 ? 0xfd : 0xf3]);
}

/** Numbers below a bound, the same everywhere (xorshift32). */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
