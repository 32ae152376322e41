import type { Hex } from "@testudo/core/model/Hex";

/** A number as RLP has it: its bytes without leading zeros, none for zero (Yellow Paper, appendix B). */
export function toRlpNumber(number: bigint): Hex {
  if (number === 0n) return "0x";
  const bytes = number.toString(16);
  return `0x${bytes.length % 2 === 0 ? bytes : `0${bytes}`}`;
}
