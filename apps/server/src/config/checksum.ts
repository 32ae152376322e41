import { checksum } from "ox/Address";

/** What an address is, for an error. */
export const addressRule =
  "Allowed: an address, 0x and 40 hexadecimal digits; in mixed case they have to be its checksum (EIP-55).";

/** What helps against a wrong checksum. */
export const checksumWayOut = "A digit or its case was changed: copy the address again from where it is known.";

/** Whether the case of the address `text` contradicts its digits (EIP-55). Digits in one case carry no checksum. */
export function hasWrongChecksum(text: string): boolean {
  const digits = text.slice(2);
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return false;
  return checksum(text as `0x${string}`) !== text;
}
