// A call from nothing: a function, and values for all of its arguments.
import type { Address } from "@testudo/core/model/Hex";
import type { AbiParameter, Hex } from "viem";
import { encodeAbiParameters } from "viem/utils";
import { fromHex } from "../record/bytes.ts";
import type { Call } from "./Call.ts";
import type { Callable } from "./Callable.ts";
import type { Chance } from "./Chance.ts";
import type { Dictionary } from "./Dictionary.ts";
import { arrayOf, componentsOf, leafOf, type Place, placesOf, readPlace } from "./Place.ts";
import { copyValue, writeAddress, writeGreatest, writePower, writeRandom, writeSmall } from "./valueBytes.ts";

/** What random values are taken from. */
export interface Sources {
  readonly chance: Chance;
  readonly dictionary: Dictionary;
  /** Who may call, the likeliest first. */
  readonly senders: readonly Address[];
  /** Addresses worth giving as an argument. */
  readonly addresses: readonly Address[];
  /** Most seconds between two calls; 0 where time stands still. */
  readonly mostSeconds: number;
}

const mostItems = 4;
const mostBytes = 96;

export function sampleCall(callable: Callable, sources: Sources): Call {
  const { chance, senders } = sources;
  const from = chance.pick(senders);
  const value = callable.isPayable ? sampleWei(chance) : 0n;
  const seconds = sampleSeconds(sources);
  if (callable.fixed === undefined) {
    const input = coded(callable, sources);
    return { callable, from, value, seconds, input, places: placesOf(callable.inputs, input) };
  }
  const { empty, places } = callable.fixed;
  const input = empty.slice();
  for (const place of places) writeSample(input, place, sources);
  return { callable, from, value, seconds, input, places };
}

function coded({ selector, inputs }: Callable, sources: Sources): Uint8Array {
  const values = inputs.map((input) => sampleValue(input, sources));
  return fromHex(`${selector}${encodeAbiParameters(inputs, values).slice(2)}`);
}

/** Mostly none, since most payable functions do the same with any. */
export function sampleWei(chance: Chance): bigint {
  return chance.once(3) ? chance.number(80) : 0n;
}

export function sampleSeconds({ chance, mostSeconds }: Sources): number {
  return mostSeconds === 0 || !chance.once(4) ? 0 : 1 + (Number(chance.number(31)) % mostSeconds);
}

/** A value of any type, as viem wants it. */
export function sampleValue(input: AbiParameter, sources: Sources): unknown {
  const { chance } = sources;
  const array = arrayOf(input);
  if (array !== undefined) {
    const length = array.length ?? chance.below(mostItems + 1);
    return Array.from({ length }, () => sampleValue(array.item, sources));
  }
  if (input.type === "tuple") {
    const items = componentsOf(input).map((item) => [item.name, sampleValue(item, sources)] as const);
    // Components without names are given in their order.
    return items.every(([name]) => name !== undefined && name !== "")
      ? Object.fromEntries(items)
      : items.map(([, value]) => value);
  }
  if (input.type === "string") return Array.from({ length: chance.below(mostBytes) }, () => letter(chance)).join("");
  if (input.type === "bytes") return bytesOf(chance.number(8 * mostBytes), chance.below(mostBytes));
  const leaf = leafOf(input.type);
  const value = sampleLeaf(leaf, sources);
  if (leaf.kind === "bool") return value === 1n;
  if (leaf.kind === "address") return bytesOf(value, 20);
  if (leaf.kind === "bytes") return bytesOf(value, leaf.bits / 8);
  if (leaf.kind === "int") return numberOf(BigInt.asIntN(leaf.bits, value), leaf.bits);
  return numberOf(BigInt.asUintN(leaf.bits, value), leaf.bits);
}

// As viem wants it.
const numberOf = (value: bigint, bits: number): bigint | number => (bits <= 48 ? Number(value) : value);

/** A value of one word. */
export function sampleLeaf(leaf: Omit<Place, "at">, sources: Sources): bigint {
  const place = { at: 0, ...leaf };
  const word = new Uint8Array(32);
  writeSample(word, place, sources);
  return readPlace(word, place);
}

/** Writes a value of one word where it is to stand. */
export function writeSample(data: Uint8Array, place: Place, sources: Sources): void {
  const { chance, dictionary, addresses } = sources;
  const { kind, bits } = place;
  if (kind === "bool") writeSmall(data, place, chance.below(2));
  else if (kind === "address") writeAddress(data, place, chance.pick(addresses));
  else
    switch (chance.below(8)) {
      case 0:
        writeSmall(data, place, chance.below(4));
        break;
      case 1:
        writeSmall(data, place, chance.below(128));
        break;
      case 2:
        copyValue(data, place, dictionary.bytes, dictionary.pickPlace(chance));
        break;
      case 3:
        writeGreatest(data, place, chance.below(3));
        break;
      case 4:
        writePower(data, place, chance.below(bits));
        break;
      default:
        writeRandom(data, place, chance);
    }
}

function bytesOf(value: bigint, length: number): Hex {
  return length === 0
    ? "0x"
    : `0x${BigInt.asUintN(8 * length, value)
        .toString(16)
        .padStart(2 * length, "0")}`;
}

const letter = (chance: Chance): string => String.fromCharCode(32 + chance.below(95));
