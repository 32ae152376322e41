import { UsageError } from "../../config/UsageError.ts";

/** `text` as a whole number from `least` to `most`. Throws UsageError, which names the flag, where it is none. */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(
    `${flag} "${text}" is not possible.`,
    `Allowed: a whole number from ${least} to ${most}.`,
    "Correct it.",
  );
}
