// Bytecode without sense, with words at the edges of 32, 64 and 256 bits where lengths, offsets and addresses stand.
import type { Random } from "../fuzz/Random.ts";
import { toWordBytes } from "../fuzz/randomWord.ts";

const op = { codesize: 0x38, codecopy: 0x39, gas: 0x5a, jumpdest: 0x5b, push0: 0x5f, dup1: 0x80 };
const jumps = [0x56, 0x57];
const creations = [0xf0, 0xf5];
const calls = [0xf1, 0xf2, 0xf4, 0xfa];
const onMemory = [0x20, 0x37, 0x39, 0x3e, 0x51, 0x52, 0x53, 0x5e, 0xa0, 0xa4, 0xf3, 0xfd];
const onState = [0x31, 0x3b, 0x3f, 0x40, 0x54, 0x55, 0x5c, 0x5d, 0xff];
const edges = [31, 32, 63, 64, 128, 160, 255, 256].flatMap((bits) =>
  [-1n, 0n, 1n].map((by) => (1n << BigInt(bits)) + by),
);
const lengths = [
  0n,
  0n,
  1n,
  31n,
  32n,
  33n,
  0x60n,
  0x400n,
  0x6000n,
  0xc000n,
  0x1_0000n,
  0x3f_ffffn,
  0x3fff_ffe0n,
  0xffff_ffe0n,
];

/** Code of about `length` bytes; `addresses` are those that it may call. */
export function randomHostileCode(random: Random, length: number, addresses: readonly bigint[]): Uint8Array {
  const code: number[] = [op.jumpdest];
  while (code.length < length) code.push(...piece(random, addresses, code.length));
  // Half of it runs until its gas or its stack is at an end.
  if (random.chance(50)) code.push(op.push0, jumps[0]!);
  return Uint8Array.from(code);
}

function piece(random: Random, addresses: readonly bigint[], at: number): number[] {
  const kind = random.below(100);
  const words = (count: number) => Array.from({ length: count }, () => push(word(random, addresses))).flat();
  if (kind < 25) return [...words(3), random.pick(onMemory)];
  if (kind < 40) return [...words(random.below(3)), random.pick(onState)];
  if (kind < 55) return [...words(5), ...push(target(random, addresses)), op.gas, random.pick(calls)];
  if (kind < 62) {
    const copy = [op.codesize, op.push0, op.push0, op.codecopy];
    return [
      ...copy,
      ...words(1),
      random.chance(70) ? op.codesize : op.push0,
      op.push0,
      op.push0,
      random.pick(creations),
    ];
  }
  if (kind < 70) return [op.jumpdest, ...words(1), ...push(BigInt(random.below(at + 20))), random.pick(jumps)];
  if (kind < 85) return [...words(random.below(4)), random.below(256)];
  if (kind < 92) return Array.from({ length: random.below(40) }, () => op.dup1 + random.below(32));
  return [...random.bytes(random.below(60))];
}

function target(random: Random, addresses: readonly bigint[]): bigint {
  if (random.chance(30)) return BigInt(random.below(20));
  return random.chance(90) ? random.pick(addresses) : random.word();
}

function word(random: Random, addresses: readonly bigint[]): bigint {
  const kind = random.below(10);
  if (kind < 6) return random.pick(lengths);
  if (kind < 8) return random.pick(edges) & ((1n << 256n) - 1n);
  return kind === 8 ? random.pick(addresses) : random.word() >> BigInt(random.below(256));
}

function push(value: bigint): number[] {
  if (value === 0n) return [op.push0];
  const bytes = toWordBytes(value);
  const first = bytes.findIndex((byte) => byte !== 0);
  return [0x5f + 32 - first, ...bytes.subarray(first)];
}
