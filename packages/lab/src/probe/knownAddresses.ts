import type { Address } from "@testudo/core/model/Hex";
import type { TemplateWords } from "./templatesOf.ts";

/** Somebody of whom nothing is known. */
export const stranger: Address = "0x5a5a000000000000000000000000000000005a5a";

const mostNamed = 24;

/** Worth giving as an argument, the likeliest first; tokens are looked for among them. */
export function knownAddresses(words: TemplateWords, contract: Address, named: ReadonlySet<Address>): Address[] {
  const { addresses = [], protect, deployer } = words;
  const few = [...named].slice(0, mostNamed);
  return [...new Set([...addresses, ...protect, ...few, deployer, contract, stranger])];
}
