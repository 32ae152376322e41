// Bytecode that means nothing, and yet runs for a while: operations that exist, with something to work on, jumps that
// mostly lead to destinations, calls to accounts that are there.
import type { Random } from "./Random.ts";
import { join } from "./randomArguments.ts";
import { randomWord, toWordBytes } from "./randomWord.ts";

const op = { jump: 0x56, jumpi: 0x57, jumpdest: 0x5b, push1: 0x60, dup1: 0x80, swap1: 0x90, log0: 0xa0 };
// What takes from the stack what it needs and leaves something: [operation, words that it takes].
const plain: readonly (readonly [number, number])[] = [
  ...range(0x01, 0x07, 2),
  [0x08, 3],
  [0x09, 3],
  [0x0a, 2],
  [0x0b, 2],
  ...range(0x10, 0x14, 2),
  [0x15, 1],
  ...range(0x16, 0x18, 2),
  [0x19, 1],
  ...range(0x1a, 0x1d, 2),
  [0x30, 0],
  [0x31, 1],
  ...range(0x32, 0x34, 0),
  [0x35, 1],
  [0x36, 0],
  [0x38, 0],
  [0x3a, 0],
  [0x3b, 1],
  [0x3d, 0],
  [0x3f, 1],
  [0x40, 1],
  ...range(0x41, 0x48, 0),
  [0x49, 1],
  [0x4a, 0],
  [0x50, 1],
  [0x54, 1],
  [0x55, 2],
  ...range(0x58, 0x5a, 0),
  [0x5c, 1],
  [0x5d, 2],
];
/** What works on memory: operation, then which of its words from the top are offsets or lengths. */
const onMemory: readonly (readonly [number, string])[] = [
  [0x20, "mm"],
  [0x37, "mmm"],
  [0x39, "mmm"],
  [0x3c, "ammm"],
  [0x3e, "mmm"],
  [0x51, "m"],
  [0x52, "mw"],
  [0x53, "mw"],
  [0x5e, "mmm"],
  [0xa0, "mm"],
  [0xa1, "mmw"],
  [0xa2, "mmww"],
  [0xa3, "mmwww"],
  [0xa4, "mmwwww"],
  [0xf0, "vmm"],
  [0xf5, "vmmw"],
  [0xf1, "gavmmmm"],
  [0xf2, "gavmmmm"],
  [0xf4, "gammmm"],
  [0xfa, "gammmm"],
];
const ends = [0x00, 0xf3, 0xfd, 0xfe, 0xff, op.jump];

function range(from: number, to: number, takes: number): [number, number][] {
  return Array.from({ length: to - from + 1 }, (_, i) => [from + i, takes]);
}

/** Code of about `length` bytes. `addresses` are those that it may call. */
export function randomCode(random: Random, length: number, addresses: readonly bigint[]): Uint8Array {
  const known = [...addresses, ...Array.from({ length: 4 }, () => random.word())];
  const destinations: number[] = [];
  const parts: Uint8Array[] = [];
  const holes: { part: number }[] = [];
  let size = 0;
  const put = (bytes: Uint8Array | readonly number[]): void => {
    const part = bytes instanceof Uint8Array ? bytes : Uint8Array.from(bytes);
    parts.push(part);
    size += part.length;
  };
  const word = (kind: string): void => put(pushOf(random, wordOf(random, kind, addresses, known)));
  while (size < length) {
    const kind = random.below(100);
    if (kind < 8) {
      destinations.push(size);
      put([op.jumpdest]);
    } else if (kind < 16) {
      word(random.chance(50) ? "m" : "w");
      // Where to is filled in once all destinations are known.
      holes.push({ part: parts.length });
      put([op.push1 + 1, 0, 0, random.chance(92) ? op.jumpi : op.jump]);
    } else if (kind < 52) {
      const [operation, takes] = random.pick(plain);
      const isKeyed = [0x54, 0x55, 0x5c, 0x5d].includes(operation);
      for (let i = takes; i > 0; i--) if (random.chance(96)) word(isKeyed && i === 1 ? "k" : "w");
      put([operation]);
    } else if (kind < 57) {
      // Deep enough for what follows, but for a few times.
      const reach = 1 + random.below(random.chance(80) ? 3 : 16);
      for (let i = 0; i <= reach && random.chance(97); i++) word("w");
      put([random.pick([op.dup1, op.swap1]) + reach - 1]);
    } else if (kind < 70) word("w");
    else if (kind < 96) {
      const [operation, words] = random.pick(onMemory);
      for (const each of [...words].reverse()) if (random.chance(99)) word(each);
      put([operation]);
    } else if (kind < 99) put(initCodePush(random, addresses));
    else if (random.chance(50)) put([random.pick(ends)]);
    else put([random.below(random.chance(30) ? 256 : 0x60)]);
  }
  const code = join(parts);
  let at = 0;
  const places = parts.map((part) => {
    at += part.length;
    return at - part.length;
  });
  for (const { part } of holes) {
    const ahead = destinations.filter((each) => each > places[part]!);
    const from = ahead.length > 0 && random.chance(80) ? ahead : destinations;
    const to = from.length > 0 && random.chance(99) ? random.pick(from) : random.below(length);
    code[places[part]! + 1] = to >> 8;
    code[places[part]! + 2] = to & 0xff;
  }
  return code;
}

/** A word for the place: `m` offset or length, `k` key of a slot, `a` address, `v` value in wei, `g` gas, `w` any. */
function wordOf(random: Random, kind: string, addresses: readonly bigint[], known: readonly bigint[]): bigint {
  if (random.chance(2)) return randomWord(random, known);
  switch (kind) {
    case "m":
      return BigInt(random.chance(95) ? random.below(300) : random.below(100_000));
    case "k":
      return BigInt(random.below(6));
    case "a":
      return random.chance(20) ? BigInt(1 + random.below(10)) : random.pick(addresses);
    case "v":
      return BigInt(random.chance(60) ? 0 : random.below(4));
    case "g":
      return BigInt(random.chance(50) ? 10_000_000 : random.below(60_000));
    default:
      return randomWord(random, known);
  }
}

function pushOf(random: Random, value: bigint): Uint8Array {
  if (value === 0n && random.chance(50)) return Uint8Array.of(0x5f);
  const bytes = toWordBytes(value);
  let first = 0;
  while (first < 31 && bytes[first] === 0) first++;
  return join([Uint8Array.of(op.push1 + 31 - first), bytes.subarray(first)]);
}

/** Stores a short init code at memory 0, so that a creation soon after has something to run. */
function initCodePush(random: Random, addresses: readonly bigint[]): Uint8Array {
  const runtime = random.bytes(random.below(6));
  // Returns what it has: PUSH runtime, MSTORE at 0, RETURN its last bytes.
  const word = toWordBytes(random.chance(50) ? random.pick(addresses) : BigInt(runtime[0] ?? 0));
  const init = [0x60, runtime[1] ?? 0, 0x5f, 0x52, 0x60, runtime.length, 0x60, 32 - runtime.length, 0xf3];
  word.set(init, 0);
  return join([Uint8Array.of(0x7f), word, Uint8Array.of(0x5f, 0x52)]);
}
