import { z } from "zod";
import { type Hex, toLower } from "../model/Hex.ts";

/** An address, in whatever case a person copied it. */
export const placeAddress = z
  .string("an address is needed")
  .regex(/^0x[0-9a-fA-F]{40}$/, "it is no address")
  .transform(toLower);

/** 32 bytes, such as a market's id. */
export const placeWord = z
  .string("32 bytes are needed")
  .regex(/^0x[0-9a-fA-F]{64}$/, "it is no 32 bytes")
  .transform(toLower);

/** What `shape` names of `place`, as logs have it: in lower case. Throws PlaceMalformed: an adapter of another contract hears nothing, unseen. */
export function readPlace<T extends object>(adapter: string, shape: z.ZodType<object>, place: T): T {
  const read = shape.safeParse(place);
  if (read.success) return read.data as T;
  const { path, message } = read.error.issues[0]!;
  throw new PlaceMalformed(adapter, path.join("."), message);
}

/** A market's fields, and whatever else stands there. */
export function marketsOf(fields: { readonly [field: string]: z.ZodType<Hex> }) {
  return z.array(z.looseObject(fields), "a list is needed");
}

/** What an adapter is told of a protocol's place cannot be meant. Not retryable. */
export class PlaceMalformed extends Error {
  override readonly name = "PlaceMalformed";
  constructor(adapter: string, field: string, what: string) {
    super(
      `\`${field}\` of ${adapter}: ${what}.\n- Allowed: addresses as 0x and 40 hexadecimal digits, ids as 0x and 64.\n- Correct it.`,
    );
  }
}
