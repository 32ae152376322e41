import type { Hex } from "@testudo/core/model/Hex";

const errorSelector = "08c379a0";
const panicSelector = "4e487b71";
const panics: { readonly [code: string]: string } = {
  "0": "generic panic",
  "1": "assert(false)",
  "17": "arithmetic underflow or overflow",
  "18": "division or modulo by zero",
  "33": "enum overflow",
  "34": "invalid encoded storage byte array accessed",
  "49": "out-of-bounds array access; popping on an empty array",
  "50": "out-of-bounds access of an array or bytesN",
  "65": "out of memory",
  "81": "uninitialized function",
};

/** The words in what a frame gave back by REVERT, as Solidity's `Error(string)` or `Panic(uint256)`; undefined for any other. */
export function revertReasonOf(output: Hex): string | undefined {
  const selector = output.slice(2, 10);
  const words = output.slice(10);
  if (selector === errorSelector) return readText(words);
  if (selector !== panicSelector || words.length < 64) return undefined;
  const code = BigInt(`0x${words.slice(0, 64)}`);
  return panics[code.toString()] ?? `unknown panic code: 0x${code.toString(16)}`;
}

function readText(words: string): string | undefined {
  const bytes = Buffer.from(words, "hex");
  const offset = wordAt(bytes, 0n);
  const length = offset === undefined ? undefined : wordAt(bytes, offset);
  if (offset === undefined || length === undefined) return undefined;
  const start = offset + 32n;
  if (start + length > BigInt(bytes.length)) return undefined;
  return bytes.subarray(Number(start), Number(start + length)).toString("utf8");
}

function wordAt(bytes: Buffer, offset: bigint): bigint | undefined {
  if (offset + 32n > BigInt(bytes.length)) return undefined;
  return BigInt(`0x${bytes.subarray(Number(offset), Number(offset) + 32).toString("hex")}`);
}
