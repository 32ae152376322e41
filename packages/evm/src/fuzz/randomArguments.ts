import type { AbiParameter } from "./FuzzWorld.ts";
import type { Random } from "./Random.ts";
import { randomWord, toWordBytes } from "./randomWord.ts";

/** Arguments of these types, encoded as the ABI says, with values as `randomWord` gives them. */
export function randomArguments(random: Random, inputs: readonly AbiParameter[], known: readonly bigint[]): Uint8Array {
  const heads: Uint8Array[] = [];
  const tails: Uint8Array[] = [];
  const parts = inputs.map((input) => ({ isDynamic: isDynamic(input), bytes: encode(random, input, known) }));
  const headLength = parts.reduce((sum, part) => sum + (part.isDynamic ? 32 : part.bytes.length), 0);
  let tailLength = 0;
  for (const part of parts) {
    if (!part.isDynamic) {
      heads.push(part.bytes);
      continue;
    }
    heads.push(toWordBytes(BigInt(headLength + tailLength)));
    tails.push(part.bytes);
    tailLength += part.bytes.length;
  }
  return join([...heads, ...tails]);
}

function isDynamic(input: AbiParameter): boolean {
  if (input.type.endsWith("[]") || input.type === "bytes" || input.type === "string") return true;
  const [, element] = /^(.*)\[\d+\]$/.exec(input.type) ?? [];
  if (element !== undefined) return isDynamic({ ...input, type: element });
  return input.type === "tuple" && input.components!.some(isDynamic);
}

function encode(random: Random, input: AbiParameter, known: readonly bigint[]): Uint8Array {
  const [, element, count] = /^(.*)\[(\d*)\]$/.exec(input.type) ?? [];
  if (element !== undefined) {
    const length = count === "" ? random.below(4) : Number(count);
    const items = randomArguments(random, Array(length).fill({ ...input, type: element }), known);
    return count === "" ? join([toWordBytes(BigInt(length)), items]) : items;
  }
  if (input.type === "tuple") return randomArguments(random, input.components!, known);
  if (input.type === "bytes" || input.type === "string") {
    const bytes = random.bytes(random.below(70));
    return join([toWordBytes(BigInt(bytes.length)), bytes, new Uint8Array((32 - (bytes.length % 32)) % 32)]);
  }
  return toWordBytes(fitted(random, input.type, randomWord(random, known)));
}

/** The value as the type has it; now and then as it must not be, which contracts check. */
function fitted(random: Random, type: string, value: bigint): bigint {
  if (random.chance(2)) return value;
  if (type === "bool") return value & 1n;
  if (type === "address") return BigInt.asUintN(160, value);
  const [, sign, bits] = /^(u?)int(\d+)$/.exec(type) ?? [];
  if (bits !== undefined) {
    const cut = BigInt.asUintN(Number(bits), value);
    return sign === "u" ? cut : BigInt.asUintN(256, BigInt.asIntN(Number(bits), cut));
  }
  const [, length] = /^bytes(\d+)$/.exec(type) ?? [];
  return length === undefined ? value : (value << BigInt(256 - 8 * Number(length))) & ((1n << 256n) - 1n);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
