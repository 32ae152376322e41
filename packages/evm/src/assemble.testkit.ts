// Bytecode of a test, written by names.
import { fromHex } from "./hex.ts";

const codes: { readonly [name: string]: number } = {
  STOP: 0x00, ADD: 0x01, MUL: 0x02, SUB: 0x03, LT: 0x10, GT: 0x11, SLT: 0x12, SGT: 0x13, EQ: 0x14, ISZERO: 0x15, AND: 0x16,
  SHR: 0x1c, KECCAK256: 0x20, ADDRESS: 0x30, BALANCE: 0x31, ORIGIN: 0x32, CALLER: 0x33, CALLVALUE: 0x34,
  CALLDATALOAD: 0x35, CALLDATASIZE: 0x36, CALLDATACOPY: 0x37, CODESIZE: 0x38, CODECOPY: 0x39, EXTCODESIZE: 0x3b, EXTCODECOPY: 0x3c, RETURNDATASIZE: 0x3d,
  RETURNDATACOPY: 0x3e, EXTCODEHASH: 0x3f, BLOCKHASH: 0x40, TIMESTAMP: 0x42, NUMBER: 0x43, SELFBALANCE: 0x47, POP: 0x50,
  MLOAD: 0x51, MSTORE: 0x52, SLOAD: 0x54, SSTORE: 0x55, JUMP: 0x56, JUMPI: 0x57, GAS: 0x5a, JUMPDEST: 0x5b, TLOAD: 0x5c,
  TSTORE: 0x5d, MCOPY: 0x5e, PUSH0: 0x5f, DUP1: 0x80, DUP2: 0x81, DUP3: 0x82, DUP6: 0x85, SWAP1: 0x90, SWAP2: 0x91, LOG0: 0xa0, LOG1: 0xa1, LOG2: 0xa2,
  LOG3: 0xa3, LOG4: 0xa4, CREATE: 0xf0, CALL: 0xf1, RETURN: 0xf3, DELEGATECALL: 0xf4, CREATE2: 0xf5, STATICCALL: 0xfa, REVERT: 0xfd,
  INVALID: 0xfe, SELFDESTRUCT: 0xff,
}; // biome-ignore format: a table

/** A line of operations; a number or hex text is a push of it, `:name` a jump destination, `@name` a push of its place. */
export function assemble(text: string): Uint8Array {
  const words = text.trim().split(/\s+/);
  const places = new Map<string, number>();
  let at = 0;
  for (const word of words) {
    if (word.startsWith(":")) places.set(word.slice(1), at);
    at += bytesOf(word, () => 0).length;
  }
  return Uint8Array.from(words.flatMap((word) => bytesOf(word, (name) => places.get(name)!)));
}

function bytesOf(word: string, placeOf: (name: string) => number): number[] {
  if (word.startsWith(":")) return [codes.JUMPDEST!];
  if (word.startsWith("@")) return [0x61, placeOf(word.slice(1)) >> 8, placeOf(word.slice(1)) & 0xff];
  const code = codes[word];
  if (code !== undefined) return [code];
  const digits = BigInt(word).toString(16);
  const bytes = fromHex(
    `0x${word.startsWith("0x") ? word.slice(2) : digits.padStart(digits.length + (digits.length & 1), "0")}`,
  );
  return [0x5f + bytes.length, ...bytes];
}
