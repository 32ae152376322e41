import type { Address, Hex } from "@testudo/core/model/Hex";
import { decodeFunctionData } from "viem/utils";
import { toHex } from "../record/bytes.ts";
import type { Callable } from "./Callable.ts";
import { type Place, placesOf, readPlace, writePlace } from "./Place.ts";

/** One call of a sequence. */
export interface Call {
  readonly callable: Callable;
  readonly from: Address;
  /** In wei. */
  readonly value: bigint;
  /** Seconds that pass before it. */
  readonly seconds: number;
  readonly input: Uint8Array;
  /** Where its values stand. */
  readonly places: readonly Place[];
}

/** The call with other call data. */
export function withInput(call: Call, input: Uint8Array): Call {
  return {
    ...call,
    input,
    places: call.callable.fixed !== undefined ? call.places : placesOf(call.callable.inputs, input),
  };
}

/** Its call data with each value cut to the width of its type: as a decoder wants it. */
export function cleanInput({ input, places }: Call): Uint8Array {
  const clean = input.slice();
  for (const place of places) writePlace(clean, place, readPlace(clean, place));
  return clean;
}

/** A call as a report tells it. */
export interface ToldCall {
  readonly from: Address;
  readonly to: Address;
  readonly contract: string;
  readonly function: string;
  readonly args: readonly unknown[];
  /** In wei, as a decimal number. */
  readonly value: string;
  readonly input: Hex;
  /** Seconds that pass before it. */
  readonly seconds: number;
}

/** Tells a call; its arguments as decimal numbers and hexadecimal texts. */
export function tellCall(call: Call): ToldCall {
  const { callable, from, value, seconds, input } = call;
  const { args = [] } = decodeFunctionData({ abi: [callable.abi], data: toHex(cleanInput(call)) });
  return {
    from,
    to: callable.to,
    contract: callable.contract,
    function: callable.signature,
    args: args.map(plain),
    value: value.toString(),
    input: toHex(input),
    seconds,
  };
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  return value;
}
