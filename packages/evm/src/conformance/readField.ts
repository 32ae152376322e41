// Reads single fields of a state test. `where` is the way to the field, for the error.

/** The fields of a JSON object. Throws `StateTestMalformed` for anything else. */
export function readObject(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new StateTestMalformed(where, value, "an object");
}

/** The items of a JSON list. */
export function readList(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new StateTestMalformed(where, value, "a list");
}

/** A number: hexadecimal with or without leading zeros, decimal, or marked `0x:bigint ` where it fits no usual field. */
export function readQuantity(value: unknown, where: string): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === "string") {
    const digits = value.startsWith(oversized) ? value.slice(oversized.length) : value;
    if (digits === "0x") return 0n;
    if (/^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(digits)) return BigInt(digits);
  }
  throw new StateTestMalformed(where, value, 'a number such as "0x0a"');
}

/** A small number that counts or points. */
export function readIndex(value: unknown, where: string): number {
  const index = readQuantity(value, where);
  if (index <= 0xffff_ffffn) return Number(index);
  throw new StateTestMalformed(where, value, "an index below 2^32");
}

/** Bytes as `0x` and an even count of digits. */
export function readBytes(value: unknown, where: string): Uint8Array {
  if (typeof value === "string" && value.length % 2 === 0 && /^0x[0-9a-fA-F]*$/.test(value))
    return Uint8Array.from(Buffer.from(value.slice(2), "hex"));
  throw new StateTestMalformed(where, value, 'bytes such as "0x00ff"');
}

/** An address in lower case. The oldest files leave its `0x` away. */
export function readAddress(value: unknown, where: string): string {
  if (typeof value === "string" && /^(?:0x)?[0-9a-fA-F]{40}$/.test(value))
    return `0x${value.replace("0x", "").toLowerCase()}`;
  throw new StateTestMalformed(where, value, 'an address of 20 bytes, "0x" and 40 digits');
}

/** 32 bytes as lower-case text. */
export function readHash(value: unknown, where: string): string {
  if (typeof value === "string" && /^0x[0-9a-fA-F]{64}$/.test(value)) return value.toLowerCase();
  throw new StateTestMalformed(where, value, 'a hash of 32 bytes, "0x" and 64 digits');
}

/** What `read` makes of a field that may be left out or null. */
export function readOptional<T>(
  value: unknown,
  where: string,
  read: (value: unknown, where: string) => T,
): T | undefined {
  return value === undefined || value === null ? undefined : read(value, where);
}

const oversized = "0x:bigint ";

/** A file of state tests is not what the layout says. Not retryable. */
export class StateTestMalformed extends Error {
  override readonly name = "StateTestMalformed";
  constructor(where: string, value: unknown, allowed: string) {
    const shown = value === undefined ? "missing" : (JSON.stringify(value) ?? String(value)).slice(0, 80);
    super(`${where} is ${shown}.\n- Needed is ${allowed}.\n- Mend the file, or run without it.`);
  }
}
