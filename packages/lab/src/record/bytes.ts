import type { Hex } from "@testudo/core/model/Hex";

/** `bytes` as lower-case hexadecimal with the prefix 0x. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/** The bytes of `hex`; an odd digit at the front stands for a byte of its own. */
export function fromHex(hex: Hex): Uint8Array {
  const digits = hex.length % 2 === 0 ? hex.slice(2) : `0${hex.slice(2)}`;
  return new Uint8Array(Buffer.from(digits, "hex"));
}

/** `value` as 32 bytes, most significant first. */
export function toWordBytes(value: bigint): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(64, "0")}`);
}
