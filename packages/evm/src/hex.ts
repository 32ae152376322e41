export type Hex = `0x${string}`;
/** `0x` and 40 lower-case digits. */
export type Address = Hex;

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

// A text that grows piece by piece takes 32 bytes a piece until it is read: a megabyte of call data took thirty.
const longestPieced = 256;
const letters = new TextEncoder().encode("0123456789abcdef");
const decoder = new TextDecoder();

/** The bytes as `0x` and two lower-case digits each. */
export function toHex(bytes: Uint8Array): Hex {
  if (bytes.length > longestPieced) return `0x${decoder.decode(lettersOf(bytes))}`;
  let text = "";
  for (const byte of bytes) text += digits[byte];
  return `0x${text}`;
}

function lettersOf(bytes: Uint8Array): Uint8Array {
  const text = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    text[2 * i] = letters[bytes[i]! >> 4]!;
    text[2 * i + 1] = letters[bytes[i]! & 15]!;
  }
  return text;
}

/** The bytes that a hex text with an even number of digits says. */
export function fromHex(text: string): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(text)) throw new NotHex(text);
  const bytes = new Uint8Array(text.length / 2 - 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i + 2, 2 * i + 4), 16);
  return bytes;
}

export function toAddress(word: bigint): Address {
  return `0x${(word & ((1n << 160n) - 1n)).toString(16).padStart(40, "0")}`;
}

/** Thrown for a text that is not hex. Not retryable. */
export class NotHex extends Error {
  override readonly name = "NotHex";
  constructor(text: string) {
    super(`${JSON.stringify(text.slice(0, 40))} is not hex: "0x" and an even number of digits.`);
  }
}
