// Lengths of arrays and bytes stand in no place that can be written alone: the whole call data is coded anew.
import type { AbiParameter } from "viem";
import { decodeAbiParameters, encodeAbiParameters } from "viem/utils";
import { fromHex, toHex } from "../record/bytes.ts";
import { type Call, cleanInput, withInput } from "./Call.ts";
import type { Chance } from "./Chance.ts";
import { arrayOf, componentsOf } from "./Place.ts";
import { type Sources, sampleValue } from "./sampleCall.ts";

/** A value without a fixed length, somewhere in the arguments, and the arguments with another in its stead. */
interface Shape {
  readonly input: AbiParameter;
  readonly value: unknown;
  replace(value: unknown): unknown[];
}

const mostLength = 256;

/** The call with one array, text or row of bytes longer or shorter, and all else as it was; the call itself if it has none. */
export function reshapeCall(call: Call, sources: Sources): Call {
  const { inputs, selector } = call.callable;
  const values = [...decodeAbiParameters(inputs, toHex(cleanInput(call).subarray(4)))] as unknown[];
  const shapes = inputs.flatMap((input, i) => shapesOf(input, values[i], (value) => values.with(i, value)));
  if (shapes.length === 0) return call;
  const { input, value, replace } = sources.chance.pick(shapes);
  const changed = replace(resized(input, value, sources));
  return withInput(call, fromHex(`${selector}${encodeAbiParameters(inputs, changed).slice(2)}`));
}

function shapesOf(input: AbiParameter, value: unknown, replace: (value: unknown) => unknown[]): Shape[] {
  const array = arrayOf(input);
  if (array !== undefined) {
    const items = value as unknown[];
    const inner = items.flatMap((item, i) => shapesOf(array.item, item, (to) => replace(items.with(i, to))));
    return array.length === undefined ? [{ input, value, replace }, ...inner] : inner;
  }
  if (input.type === "tuple") {
    return componentsOf(input).flatMap((component, i) => {
      const key = Array.isArray(value) ? i : component.name!;
      const whole = value as Record<string | number, unknown>;
      return shapesOf(component, whole[key], (to) =>
        replace(Array.isArray(value) ? value.with(i, to) : { ...whole, [key]: to }),
      );
    });
  }
  return input.type === "bytes" || input.type === "string" ? [{ input, value, replace }] : [];
}

function resized(input: AbiParameter, value: unknown, sources: Sources): unknown {
  const { chance } = sources;
  const array = arrayOf(input);
  if (array !== undefined) {
    const items = value as unknown[];
    if (items.length > 0 && chance.once(2)) return items.toSpliced(chance.below(items.length), 1);
    const added = items.length > 0 && chance.once(2) ? chance.pick(items) : sampleValue(array.item, sources);
    return items.length < mostLength ? items.toSpliced(chance.below(items.length + 1), 0, added) : items;
  }
  const text = value as string;
  const more = sampleValue(input, sources) as string;
  return input.type === "bytes"
    ? `0x${resizedText(text.slice(2), more.slice(2), 2, chance)}`
    : resizedText(text, more, 1, chance);
}

function resizedText(text: string, more: string, unit: number, chance: Chance): string {
  const change = unit * (1 + chance.below(4));
  return chance.once(2) ? text.slice(0, Math.max(0, text.length - change)) : (text + more).slice(0, unit * mostLength);
}
