// Values of call data, changed as bytes where they stand: to make a bigint of each would cost more than the calls that try them.
import type { Chance } from "./Chance.ts";
import type { Place } from "./Place.ts";

const wordBytes = 32;
type Width = Omit<Place, "at">;

const sizeOf = ({ bits }: Width): number => (bits + 7) >> 3;
/** The byte behind the value: only `bytes` stand at the left of their word. */
const endOf = (place: Place): number => place.at + (place.kind === "bytes" ? sizeOf(place) : wordBytes);
const firstOf = (place: Place): number => endOf(place) - sizeOf(place);

/** Adds a number below 2^30, or subtracts it, modulo the width of the place. */
export function addSmall(data: Uint8Array, place: Place, by: number): void {
  const first = firstOf(place);
  let carry = by;
  for (let i = endOf(place) - 1; carry !== 0 && i >= first; i--) {
    const sum = data[i]! + carry;
    data[i] = sum;
    carry = sum >> 8;
  }
  cut(data, place, first);
}

/** Adds two to the power of `bit`, or subtracts it, modulo the width of the place. */
export function addPower(data: Uint8Array, place: Place, bit: number, sign: 1 | -1): void {
  const first = firstOf(place);
  let carry = sign * (1 << (bit & 7));
  for (let i = endOf(place) - 1 - (bit >> 3); carry !== 0 && i >= first; i--) {
    const sum = data[i]! + carry;
    data[i] = sum;
    carry = sum >> 8;
  }
  cut(data, place, first);
}

/** Multiplies by a number below 2^16, modulo the width of the place. */
export function multiplySmall(data: Uint8Array, place: Place, by: number): void {
  const first = firstOf(place);
  let carry = 0;
  for (let i = endOf(place) - 1; i >= first; i--) {
    const product = data[i]! * by + carry;
    data[i] = product;
    carry = product >> 8;
  }
  cut(data, place, first);
}

/** Divides by a number below 2^16, rounding down; what stands beyond the width counts. Not for negative numbers. */
export function divideSmall(data: Uint8Array, place: Place, by: number): void {
  const end = endOf(place);
  let rest = 0;
  for (let i = place.at; i < end; i++) {
    const value = (rest << 8) | data[i]!;
    data[i] = (value / by) | 0;
    rest = value % by;
  }
  cut(data, place, firstOf(place));
}

export function flipBit(data: Uint8Array, place: Place, bit: number): void {
  const at = endOf(place) - 1 - (bit >> 3);
  data[at] = data[at]! ^ (1 << (bit & 7));
  cut(data, place, firstOf(place));
}

export function isNegative(data: Uint8Array, { at, kind }: Place): boolean {
  return kind === "int" && data[at]! >= 0x80;
}

/** Writes a number below 2^31. */
export function writeSmall(data: Uint8Array, place: Place, value: number): void {
  const first = firstOf(place);
  let rest = value;
  for (let i = endOf(place) - 1; i >= first; i--) {
    data[i] = rest;
    rest >>= 8;
  }
  cut(data, place, first);
}

/** Writes the greatest unsigned number of the width, halved up to seven times. */
export function writeGreatest(data: Uint8Array, place: Place, halvings: number): void {
  const first = firstOf(place);
  data[first] = 0xff >> halvings;
  for (let i = endOf(place) - 1; i > first; i--) data[i] = 0xff;
  cut(data, place, first);
}

/** Writes two to the power of `bit`. */
export function writePower(data: Uint8Array, place: Place, bit: number): void {
  writeSmall(data, place, 0);
  flipBit(data, place, bit);
}

/** Writes what `chance.number` would give. */
export function writeRandom(data: Uint8Array, place: Place, chance: Chance): void {
  const first = firstOf(place);
  const length = chance.below(place.bits + 1);
  const end = endOf(place);
  const top = end - 4 * ((length + 31) >> 5);
  for (let i = first; i < top; i++) data[i] = 0;
  let mask = 0xffffffff >>> (-length & 31);
  for (let at = top; at < end; at += 4) {
    const bits = chance.bits() & mask;
    mask = 0xffffffff;
    for (let i = Math.max(at, first); i < at + 4; i++) data[i] = bits >> (8 * (at + 3 - i));
  }
  cut(data, place, first);
}

/** Copies the value at `from` of another row of bytes, or of the same one. */
export function copyValue(data: Uint8Array, place: Place, source: Uint8Array, from: Place): void {
  const first = firstOf(place);
  let j = endOf(from) - 1;
  // Backwards, since a value of the same place may be its own source.
  for (let i = endOf(place) - 1; i >= first; i--, j--) data[i] = j >= from.at ? source[j]! : 0;
  cut(data, place, first);
}

export function writeAddress(data: Uint8Array, place: Place, address: string): void {
  const first = firstOf(place);
  for (let i = 0; i < 20; i++) data[first + i] = (digitAt(address, 2 + 2 * i) << 4) | digitAt(address, 3 + 2 * i);
  cut(data, place, first);
}

function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 58 ? code - 48 : (code | 32) - 87;
}

/** Makes the word what a coder would have made of the value whose bytes begin at `first`. */
function cut(data: Uint8Array, { at, kind, bits }: Place, first: number): void {
  if (kind === "bytes") {
    for (let i = first + (bits >> 3); i < at + wordBytes; i++) data[i] = 0;
    return;
  }
  if ((bits & 7) !== 0) data[first] = data[first]! & ((1 << (bits & 7)) - 1);
  const sign = kind === "int" && data[first]! >= 0x80 ? 0xff : 0;
  for (let i = at; i < first; i++) data[i] = sign;
}
