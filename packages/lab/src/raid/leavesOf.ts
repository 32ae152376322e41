// Call data that somebody else made, as a move's: where its values stand, and under which names.
import type { AbiParameter } from "viem";
import { decodeAbiParameters, encodeAbiParameters } from "viem/utils";
import { arrayOf, componentsOf, placesOf } from "../adversary/Place.ts";
import { fromHex, toHex } from "../record/bytes.ts";
import type { Leaf } from "./Plan.ts";

const selectorBytes = 4;
const wordBytes = 32;
const mostWords = 64;

/** Values of `input` behind its selector, which codes `inputs`; undefined where it codes them in another way than the usual. */
export function leavesOf(inputs: readonly AbiParameter[], input: Uint8Array): readonly Leaf[] | undefined {
  const coded = toHex(input.subarray(selectorBytes));
  try {
    const values = inputs.length === 0 ? [] : decodeAbiParameters(inputs, coded);
    if (encodeAbiParameters(inputs, values) !== coded) return undefined;
    const told = inputs.flatMap((one, i) => toldOf(one, values[i]));
    return placesOf(inputs, input).map((place, i) => ({ place, ...told[i]! }));
  } catch {
    return undefined;
  }
}

/** In the order in which `placesOf` has them. */
function toldOf(input: AbiParameter, value: unknown): Omit<Leaf, "place">[] {
  const array = arrayOf(input);
  const { name = "", type } = input;
  if (array !== undefined) return (value as readonly unknown[]).flatMap((one) => toldOf({ ...array.item, name }, one));
  if (type === "tuple") {
    const parts = Array.isArray(value) ? value : Object.values(value as object);
    return componentsOf(input).flatMap((one, i) => toldOf(one, parts[i]));
  }
  if (type !== "bytes" && type !== "string") return [{ name, type }];
  const bytes =
    type === "bytes" ? ((value as string).length - 2) / 2 : new TextEncoder().encode(value as string).length;
  return Array.from({ length: Math.ceil(bytes / wordBytes) }, () => ({ name, type }));
}

/** Parameters as the words of `input` look, where nobody says them: an address, a number, or what is neither. */
export function wordsOf(input: Uint8Array): readonly AbiParameter[] {
  const count = Math.min(mostWords, Math.floor((input.length - selectorBytes) / wordBytes));
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const from = selectorBytes + i * wordBytes;
    return { type: typeOf(BigInt(toHex(input.subarray(from, from + wordBytes)))) };
  });
}

// An amount has seldom so many bits, and an address seldom fewer.
function typeOf(word: bigint): string {
  if (word >> 160n > 0n) return "bytes32";
  return word >> 120n > 0n ? "address" : "uint256";
}

/** The same with every address of `others` where one of `from` stands, whole and in the place of bytes. */
export function withAddresses(input: Uint8Array, replaced: ReadonlyMap<string, string>): Uint8Array {
  let digits = toHex(input).slice(2);
  for (const [from, to] of replaced) digits = replacedAtBytes(digits, from.slice(2), to.slice(2));
  return fromHex(`0x${digits}`);
}

function replacedAtBytes(digits: string, from: string, to: string): string {
  let at = digits.indexOf(from);
  let text = digits;
  while (at >= 0) {
    const isWhole = at % 2 === 0;
    if (isWhole) text = text.slice(0, at) + to + text.slice(at + from.length);
    at = text.indexOf(from, isWhole ? at + from.length : at + 1);
  }
  return text;
}
