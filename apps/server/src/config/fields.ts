// Building blocks of the schema. Every message is a sentence that says what is allowed; `explainIssue` adds the rest.

import { severities } from "@testudo/core/model/Finding";
import { type Address, isAddress, toLower } from "@testudo/core/model/Hex";
import { readSelector, selectorRule } from "@testudo/core/model/readSelector";
import { hardforkNames } from "@testudo/lab/record/hardforkNames";
import { z } from "zod";
import { addressRule, checksumWayOut, hasWrongChecksum } from "./checksum.ts";

export const allowedKeysPrefix = "Allowed keys: ";

/** An object that refuses unknown keys and says which there are. */
export function strict<S extends z.core.$ZodLooseShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const keys = `${allowedKeysPrefix}${Object.keys(shape).join(", ")}.`;
  return z.strictObject(shape, { error: keys });
}

/** A whole number within bounds, `unit` for a person. */
export function whole(min: number, max: number, unit = ""): z.ZodNumber {
  const error = `Allowed: a whole number from ${min} to ${max}${unit === "" ? "" : ` ${unit}`}.`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function text(what: string): z.ZodString {
  const error = `Allowed: ${what}.`;
  return z.string({ error }).min(1, { error });
}

/** Text that holds more than blanks. */
export function filled(what: string): z.ZodString {
  return text(what).regex(/\S/, { error: `Allowed: ${what}.` });
}

export function list<T extends z.ZodType>(element: T, min: number, max: number, what: string): z.ZodArray<T> {
  const error = `Allowed: a list of ${min} to ${max} ${what}.`;
  return z.array(element, { error }).min(min, { error }).max(max, { error });
}

export const address = z
  .custom<Address>(isAddress, { error: "Allowed: an address, 0x and 40 hexadecimal digits." })
  .transform((value, context) => {
    // Not fatal: within a union this stays the reason that is told.
    if (hasWrongChecksum(value))
      context.issues.push({
        code: "custom",
        message: `${addressRule}\n- ${checksumWayOut}`,
        input: value,
        continue: true,
      });
    return toLower(value);
  });

const bytes = (pattern: RegExp, what: string) =>
  z
    .string({ error: `Allowed: ${what}.` })
    .regex(pattern, { error: `Allowed: ${what}.` })
    .transform(toLower);

/** A function by its selector or its signature; gives the selector. */
export const selector = z.string({ error: selectorRule }).transform((text, context) => {
  const read = readSelector(text);
  if (read !== undefined) return read;
  context.addIssue({ code: "custom", message: selectorRule });
  return z.NEVER;
});

export const callData = bytes(/^0x([0-9a-fA-F]{2})*$/, "call data, 0x and pairs of hexadecimal digits");

/** Rules of a chain. A misspelt name would be told for each transaction only when it is too late to predict it. */
export const hardfork = z.enum(hardforkNames, { error: `Allowed: ${hardforkNames.join(", ")}.` });

export const severity = z.enum(severities, { error: `Allowed: ${severities.join(", ")}.` });

export const flag = z.boolean({ error: "Allowed: true or false." });

/** A URL with one of `schemes`. */
export function url(schemes: readonly string[]): z.ZodType<string> {
  const error = `Allowed: a URL that starts with ${schemes.map((s) => `${s}://`).join(" or ")}.`;
  return z
    .string({ error })
    .refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)), { error });
}
