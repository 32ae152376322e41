import { isAddress } from "@testudo/core/model/Hex";
import { addressRule, checksumWayOut, hasWrongChecksum } from "../../config/checksum.ts";
import { UsageError } from "../../config/UsageError.ts";

/** The addresses in `texts`, which are separated by commas too. Throws UsageError where one is none or was mistyped. */
export function addressesIn(flag: string, texts: readonly string[]): readonly string[] {
  const addresses = texts.flatMap((text) => text.split(",")).filter((text) => text !== "");
  for (const text of addresses) {
    if (!isAddress(text)) throw new UsageError(`${flag} "${text}" is no address.`, addressRule, "Correct it.");
    if (hasWrongChecksum(text))
      throw new UsageError(`${flag} "${text}" has a wrong checksum.`, addressRule, checksumWayOut);
  }
  return addresses;
}
