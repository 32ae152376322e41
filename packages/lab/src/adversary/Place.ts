// Where the values stand in call data, so that a search can change one without coding all anew.
import type { AbiParameter } from "viem";

/** What a word holds. `bytes` fill it from the left, all else from the right. */
export type PlaceKind = "uint" | "int" | "address" | "bool" | "bytes";

/** A word of call data that holds a value. */
export interface Place {
  /** Byte offset of the word. */
  readonly at: number;
  readonly kind: PlaceKind;
  /** How many bits of it count. */
  readonly bits: number;
}

const selectorBytes = 4;
const wordBytes = 32;

/** Places of all values of the arguments `inputs`, which stand coded in `data` behind a selector. */
export function placesOf(inputs: readonly AbiParameter[], data: Uint8Array): Place[] {
  const places: Place[] = [];
  walkTuple(inputs, selectorBytes, data, places);
  return places;
}

function walkTuple(inputs: readonly AbiParameter[], base: number, data: Uint8Array, places: Place[]): void {
  let head = base;
  for (const input of inputs) {
    if (isDynamic(input)) walk(input, base + numberAt(data, head), data, places);
    else walk(input, head, data, places);
    head += headBytes(input);
  }
}

function walk(input: AbiParameter, at: number, data: Uint8Array, places: Place[]): void {
  const array = arrayOf(input);
  if (array !== undefined) {
    const length = array.length ?? numberAt(data, at);
    const from = array.length === undefined ? at + wordBytes : at;
    walkTuple(
      Array.from({ length }, () => array.item),
      from,
      data,
      places,
    );
  } else if (input.type === "tuple") walkTuple(componentsOf(input), at, data, places);
  else if (input.type === "bytes" || input.type === "string") {
    const length = numberAt(data, at);
    for (let i = 0; i < length; i += wordBytes)
      places.push({ at: at + wordBytes + i, kind: "bytes", bits: 8 * Math.min(wordBytes, length - i) });
  } else places.push({ at, ...leafOf(input.type) });
}

/** Whether its coding has a length of its own. */
export function isDynamic(input: AbiParameter): boolean {
  const array = arrayOf(input);
  if (array !== undefined) return array.length === undefined || isDynamic(array.item);
  if (input.type === "tuple") return componentsOf(input).some(isDynamic);
  return input.type === "bytes" || input.type === "string";
}

function headBytes(input: AbiParameter): number {
  if (isDynamic(input)) return wordBytes;
  const array = arrayOf(input);
  if (array !== undefined) return array.length! * headBytes(array.item);
  if (input.type === "tuple") return componentsOf(input).reduce((sum, item) => sum + headBytes(item), 0);
  return wordBytes;
}

/** Bytes that arguments take which are not dynamic. */
export function bytesOf(inputs: readonly AbiParameter[]): number {
  return inputs.reduce((sum, input) => sum + headBytes(input), 0);
}

/** The item of an array type, and its fixed length if it has one. */
export function arrayOf(input: AbiParameter): { item: AbiParameter; length: number | undefined } | undefined {
  const match = /^(.*)\[(\d*)\]$/.exec(input.type);
  if (match === null) return undefined;
  return {
    item: { ...input, type: match[1]! },
    length: match[2] === "" ? undefined : Number(match[2]),
  };
}

export function componentsOf(input: AbiParameter): readonly AbiParameter[] {
  return "components" in input ? (input.components as readonly AbiParameter[]) : [];
}

/** Kind and width of a type of one word. */
export function leafOf(type: string): Omit<Place, "at"> {
  const match = /^(uint|int|bytes)(\d+)$/.exec(type);
  if (match !== null) {
    const kind = match[1] as "uint" | "int" | "bytes";
    return { kind, bits: kind === "bytes" ? 8 * Number(match[2]) : Number(match[2]) };
  }
  if (type === "bool") return { kind: "bool", bits: 1 };
  if (type === "function") return { kind: "bytes", bits: 192 };
  return { kind: "address", bits: 160 };
}

function numberAt(data: Uint8Array, at: number): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(at + wordBytes - 4);
}

/** The value at a place. */
export function readPlace(data: Uint8Array, { at, kind, bits }: Place): bigint {
  const view = new DataView(data.buffer, data.byteOffset + at, wordBytes);
  const word =
    (view.getBigUint64(0) << 192n) |
    (view.getBigUint64(8) << 128n) |
    (view.getBigUint64(16) << 64n) |
    view.getBigUint64(24);
  if (kind === "bytes") return word >> BigInt(256 - bits);
  return kind === "int" ? BigInt.asIntN(256, word) : word;
}

/** Writes a value, cut to the width of its place. */
export function writePlace(data: Uint8Array, place: Place, value: bigint): void {
  const { kind, bits } = place;
  if (kind === "bytes") writeWord(data, place.at, BigInt.asUintN(bits, value) << BigInt(256 - bits));
  else if (kind === "int") writeWord(data, place.at, BigInt.asUintN(256, BigInt.asIntN(bits, value)));
  else writeWord(data, place.at, BigInt.asUintN(bits, value));
}

/** Writes 32 bytes. */
export function writeWord(data: Uint8Array, at: number, word: bigint): void {
  const view = new DataView(data.buffer, data.byteOffset + at, wordBytes);
  view.setBigUint64(24, BigInt.asUintN(64, word));
  if (word < 1n << 64n) {
    view.setBigUint64(0, 0n);
    view.setBigUint64(8, 0n);
    view.setBigUint64(16, 0n);
    return;
  }
  view.setBigUint64(0, word >> 192n);
  view.setBigUint64(8, BigInt.asUintN(64, word >> 128n));
  view.setBigUint64(16, BigInt.asUintN(64, word >> 64n));
}
