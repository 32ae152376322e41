import type { Random } from "./Random.ts";

const most = (1n << 256n) - 1n;

/** A word as contracts meet them: small, at an edge, a power of two and its neighbours, one of `known`, or anything. */
export function randomWord(random: Random, known: readonly bigint[]): bigint {
  switch (random.below(10)) {
    case 0:
      return 0n;
    case 1:
      return BigInt(random.below(4));
    case 2:
      return BigInt(random.below(70_000));
    case 3:
      return most - BigInt(random.below(3));
    case 4:
      return clamp((1n << BigInt(random.below(256))) + BigInt(random.below(3) - 1));
    case 5:
      return 10n ** BigInt(random.below(30)) * BigInt(1 + random.below(1_000));
    case 6:
      return random.word() >> BigInt(random.below(256));
    default:
      return known.length === 0 ? random.word() : clamp(random.pick(known) + (random.chance(10) ? 1n : 0n));
  }
}

function clamp(value: bigint): bigint {
  return value < 0n ? 0n : value & most;
}

/** `value` as 32 bytes. */
export function toWordBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 31, rest = value; rest > 0n; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}
