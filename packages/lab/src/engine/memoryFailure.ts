// Places in memory that an operation names, by their position on its stack (0 is the top). geth refuses what no memory
// could have before it counts the gas, in two ways of words.
const fixed = (at: number, bytes: bigint): Place => ({ at, bytes });
const sized = (at: number, length: number): Place => ({ at, length });

type Place = { readonly at: number; readonly bytes: bigint } | { readonly at: number; readonly length: number };

const places: { readonly [opcode: number]: readonly Place[] } = {
  32: [sized(0, 1)],
  55: [sized(0, 2)],
  57: [sized(0, 2)],
  60: [sized(1, 3)],
  62: [sized(0, 2)],
  81: [fixed(0, 32n)],
  82: [fixed(0, 32n)],
  83: [fixed(0, 1n)],
  94: [sized(0, 2), sized(1, 2)],
  160: [sized(0, 1)],
  161: [sized(0, 1)],
  162: [sized(0, 1)],
  163: [sized(0, 1)],
  164: [sized(0, 1)],
  240: [sized(1, 2)],
  241: [sized(3, 4), sized(5, 6)],
  242: [sized(3, 4), sized(5, 6)],
  243: [sized(0, 1)],
  244: [sized(2, 3), sized(4, 5)],
  245: [sized(1, 2)],
  250: [sized(2, 3), sized(4, 5)],
  253: [sized(0, 1)],
};

const mostWord = (1n << 64n) - 1n;
// The largest memory whose price does not overflow 64 bits.
const mostPriced = 0x1f_ff_ff_ff_e0n;

/** What geth says of an operation that names memory beyond all bounds; `stack` has its top last. */
export function memoryFailureOf(opcode: number, stack: readonly bigint[]): string | undefined {
  const ends = (places[opcode] ?? []).map((place) => {
    const start = stack.at(-1 - place.at) ?? 0n;
    const length = "bytes" in place ? place.bytes : (stack.at(-1 - place.length) ?? 0n);
    return length === 0n ? 0n : start > mostWord || length > mostWord ? mostWord + 1n : start + length;
  });
  const end = ends.reduce((a, b) => (a > b ? a : b), 0n);
  if (end > mostWord - 31n) return "gas uint64 overflow";
  return end > mostPriced ? "out of gas: gas uint64 overflow" : undefined;
}
