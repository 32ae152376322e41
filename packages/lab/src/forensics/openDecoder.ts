// Reads calldata, logs and reverts by ABIs: those that were given first, then what many contracts share. What is read was
// written by strangers; it may contradict its own lengths, and then stays unread.
import { groupBy } from "@testudo/core/math/groupBy";
import type { FrameLog } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Abi, AbiEvent, AbiFunction, AbiParameter } from "viem";
import {
  decodeAbiParameters,
  decodeErrorResult,
  decodeEventLog,
  parseAbi,
  toEventSelector,
  toFunctionSelector,
} from "viem/utils";
import { revertReasonOf } from "../tracer/revertReason.ts";
import type { DecodedValue } from "./Report.ts";
import { errorTexts, eventTexts, functionTexts } from "./signatures.ts";

export interface DecodedInput {
  /** `transfer(address,uint256)`. */
  readonly signature: string;
  readonly args: readonly DecodedValue[];
  readonly returns: readonly DecodedValue[];
}

export interface Decoder {
  call(input: Hex, output: Hex, isFailed: boolean): DecodedInput | undefined;
  event(log: FrameLog): { readonly name: string; readonly args: readonly DecodedValue[] } | undefined;
  /** What a revert says: words, a panic, or a custom error with its arguments. */
  reason(output: Hex): string | undefined;
}

// Whoever wrote the calldata chose its length.
const mostBytes = 64 * 1024;
const mostText = 400;

interface Tables {
  readonly functions: ReadonlyMap<string, readonly AbiFunction[]>;
  readonly events: ReadonlyMap<string, readonly AbiEvent[]>;
  readonly errors: Abi;
}

let commonTables: Tables | undefined;

/** The common signatures, read when they are first needed and kept. */
function common(): Tables {
  commonTables ??= tablesOf([...parseAbi(functionTexts), ...parseAbi(eventTexts), ...parseAbi(errorTexts)]);
  return commonTables;
}

function tablesOf(abi: Abi): Tables {
  return {
    functions: groupBy(
      abi.filter((item): item is AbiFunction => item.type === "function"),
      toFunctionSelector,
    ),
    events: groupBy(
      abi.filter((item): item is AbiEvent => item.type === "event"),
      toEventSelector,
    ),
    errors: abi.filter((item) => item.type === "error"),
  };
}

/** Opens a decoder that looks into `abis` before the common signatures. */
export function openDecoder(abis: readonly Abi[] = []): Decoder {
  const tables = [...(abis.length === 0 ? [] : [tablesOf(abis.flat())]), common()];
  const errors = tables.flatMap((table) => table.errors);
  return {
    call(input, output, isFailed) {
      if (input.length < 10) return undefined;
      const known = tables.flatMap(({ functions }) => functions.get(input.slice(0, 10)) ?? []);
      for (const item of known) {
        const args = readValues(item.inputs, `0x${input.slice(10)}`);
        if (args === undefined) continue;
        const returns = isFailed || output === "0x" ? [] : (readValues(item.outputs, output) ?? []);
        return { signature: textOf(item.name, item.inputs), args, returns };
      }
      // A selector alone says what was meant.
      const [first] = known;
      return first && { signature: textOf(first.name, first.inputs), args: [], returns: [] };
    },
    event(log) {
      const topic = log.topics[0];
      for (const item of tables.flatMap(({ events }) => events.get(topic ?? "") ?? [])) {
        const args = readEvent(item, log);
        if (args !== undefined) return { name: item.name, args };
      }
      return undefined;
    },
    reason(output) {
      if (output === "0x" || output.length > mostBytes) return undefined;
      return revertReasonOf(output) ?? readError(errors, output);
    },
  };
}

function readValues(parameters: readonly AbiParameter[], data: Hex): DecodedValue[] | undefined {
  if (data.length > mostBytes) return undefined;
  try {
    const values = parameters.length === 0 ? [] : decodeAbiParameters(parameters, data);
    return parameters.map((parameter, i) => toValue(parameter, values[i], i));
  } catch {
    return undefined;
  }
}

function readEvent(item: AbiEvent, { topics, data }: FrameLog): DecodedValue[] | undefined {
  if (data.length > mostBytes) return undefined;
  try {
    const { args } = decodeEventLog({ abi: [item], topics: topics as [Hex, ...Hex[]], data, strict: true });
    const named = (args ?? {}) as Readonly<Record<string, unknown>>;
    return item.inputs.map((parameter, i) => toValue(parameter, named[parameter.name ?? String(i)], i));
  } catch {
    return undefined;
  }
}

function readError(errors: Abi, output: Hex): string | undefined {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: errors, data: output });
    return `${errorName}(${(args as readonly unknown[]).map(toText).join(", ")})`.slice(0, mostText);
  } catch {
    return undefined;
  }
}

function toValue({ name, type }: AbiParameter, value: unknown, i: number): DecodedValue {
  return { name: name ? name : String(i), type, value: toText(value).slice(0, mostText) };
}

function toText(value: unknown): string {
  if (typeof value === "string") return value.startsWith("0x") ? value.toLowerCase() : value;
  if (Array.isArray(value)) return `[${value.slice(0, 32).map(toText).join(", ")}${value.length > 32 ? ", …" : ""}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name}: ${toText(inner)}`)
      .join(", ")}}`;
  return String(value);
}

function textOf(name: string, inputs: readonly AbiParameter[]): string {
  return `${name}(${inputs.map(typeOf).join(",")})`;
}

function typeOf(parameter: AbiParameter): string {
  if (!parameter.type.startsWith("tuple")) return parameter.type;
  const parts = (parameter as { components: readonly AbiParameter[] }).components;
  return `(${parts.map(typeOf).join(",")})${parameter.type.slice(5)}`;
}

/** An address as people say it where no name is known. */
export function shortAddress(address: Address): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}
