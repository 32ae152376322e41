// console.log as Hardhat began it and Foundry took it over: any of four kinds of values, up to four at once.
import { keccak_256 } from "@noble/hashes/sha3.js";
import { toAddress, toHex } from "./hex.ts";

export type ConsoleValue = bigint | string | boolean;

/** One call of console.log. `text` is how Foundry shows it; calls with other signatures are shown as hex. */
export interface ConsoleLine {
  readonly text: string;
  readonly values: readonly ConsoleValue[];
}

const kinds = ["uint256", "string", "bool", "address"] as const;
const others = ["int256", "bytes", "bytes32"] as const;
type Kind = (typeof kinds)[number] | (typeof others)[number];

let known: ReadonlyMap<string, readonly Kind[]> | undefined;

/** Decodes the call data of one call. */
export function decodeConsoleCall(input: Uint8Array): ConsoleLine {
  known ??= signatures();
  const given = known.get(toHex(input.subarray(0, 4)));
  const values = given?.map((kind, i) => valueAt(input.subarray(4), i * 32, kind));
  if (values === undefined || values.includes(undefined)) return { text: toHex(input), values: [] };
  const good = values as ConsoleValue[];
  return { text: show(good), values: good };
}

function signatures(): Map<string, readonly Kind[]> {
  const table = new Map<string, readonly Kind[]>();
  const put = (name: string, list: readonly Kind[]) => {
    const hash = keccak_256(new TextEncoder().encode(`${name}(${list.join(",")})`));
    table.set(toHex(hash.subarray(0, 4)), list);
  };
  let lists: (readonly Kind[])[] = [[]];
  for (let length = 0; length <= 4; length++) {
    for (const list of lists) put("log", list);
    lists = lists.flatMap((list) => kinds.map((kind) => [...list, kind]));
  }
  for (const kind of others) put("log", [kind]);
  for (const kind of [...kinds, ...others]) put(`log${nameOf(kind)}`, [kind]);
  put("log", ["string", "int256"]);
  return table;
}

// logUint, logInt, logString, logBytes32: named by the type, without 256.
function nameOf(kind: Kind): string {
  return kind[0]!.toUpperCase() + kind.slice(1).replace("256", "");
}

function valueAt(bytes: Uint8Array, at: number, kind: Kind): ConsoleValue | undefined {
  if (at + 32 > bytes.length) return undefined;
  const word = BigInt(toHex(bytes.subarray(at, at + 32)));
  switch (kind) {
    case "uint256":
      return word;
    case "int256":
      return BigInt.asIntN(256, word);
    case "bool":
      return word !== 0n;
    case "address":
      return toAddress(word);
    case "bytes32":
      return toHex(bytes.subarray(at, at + 32));
    case "string":
    case "bytes":
      return contentAt(bytes, word, kind);
    default:
      return never(kind);
  }
}

function contentAt(bytes: Uint8Array, offset: bigint, kind: "string" | "bytes"): string | undefined {
  if (offset + 32n > BigInt(bytes.length)) return undefined;
  const start = Number(offset) + 32;
  const length = BigInt(toHex(bytes.subarray(start - 32, start)));
  if (BigInt(start) + length > BigInt(bytes.length)) return undefined;
  const content = bytes.subarray(start, start + Number(length));
  return kind === "string" ? new TextDecoder().decode(content) : toHex(content);
}

/** A first string may have places for the others: %s, %d, %i, %x. What has no place follows. */
function show(values: readonly ConsoleValue[]): string {
  const [first, ...rest] = values;
  if (typeof first !== "string" || rest.length === 0) return values.map(String).join(" ");
  const left = [...rest];
  const text = first.replace(/%([sdix%])/g, (place, kind: string) => {
    if (kind === "%") return "%";
    const value = left.shift();
    if (value === undefined) return place;
    return kind === "x" && typeof value === "bigint" ? `0x${value.toString(16)}` : String(value);
  });
  return [text, ...left.map(String)].join(" ");
}

function never(kind: never): never {
  throw new TypeError(`No value of a console call is of the kind ${JSON.stringify(kind)}.`);
}
