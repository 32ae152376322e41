import { propertiesOf } from "@testudo/lab/adversary/Property";
import type { CompiledFile } from "./compileSol.ts";

const nobody = `0x${"00".repeat(20)}` as const;

/**
 * What a person is told where `contract` has nothing that a search could break, so that its finding nothing says nothing: no
 * property, and no word of an assertion in any source. A misnamed property would look safe.
 */
export function tellUnbreakable({ contracts, sources }: CompiledFile, contract: string): string | undefined {
  const abi = contracts.find(({ name }) => name === contract)?.abi ?? [];
  if (propertiesOf(contract, nobody, abi, nobody).length > 0) return undefined;
  if (sources.some(({ content }) => /\bassert\s*\(|\bAssertionFailed\b/.test(content))) return undefined;
  return `${contract} has nothing to break: no echidna_* that gives a bool, no invariant_*, no assert. That nothing is found will say nothing.`;
}
