import type { Capsule } from "./Capsule.ts";
import { hardforkNames, isHardfork } from "./hardforkNames.ts";

/** Chains that took over the forks of Ethereum mainnet within weeks, by what people call them. */
export const knownChains: { readonly [chainId: number]: string } = {
  1: "mainnet",
  10: "optimism",
  56: "bsc",
  100: "gnosis",
  137: "polygon",
  250: "fantom",
  5000: "mantle",
  8453: "base",
  42161: "arbitrum",
  43114: "avalanche",
  59144: "linea",
  81457: "blast",
  534352: "scroll",
};

/** Throws `UnknownChain` or `UnknownRules` where nobody can tell by which rules the transactions of `capsule` ran. */
export function assertRules({ name, chainId, hardfork }: Pick<Capsule, "name" | "chainId" | "hardfork">): void {
  if (hardfork === undefined && knownChains[chainId] === undefined) throw new UnknownChain(name, chainId);
  assertKnown(hardfork);
}

/** Throws `UnknownRules` for a name that nobody knows. */
export function assertKnown(hardfork: string | undefined): void {
  if (hardfork !== undefined && !isHardfork(hardfork)) throw new UnknownRules(hardfork);
}

/** Whether `fork` is older than Cancun, or no rules that are named: there is no transient storage. */
export function isBeforeCancun(fork: string | undefined): boolean {
  const names: readonly string[] = hardforkNames;
  return fork === undefined || names.indexOf(fork) < names.indexOf("cancun");
}

/** A capsule is of a chain whose rules are not known here, and names none. Not retryable. */
export class UnknownChain extends Error {
  override readonly name = "UnknownChain";
  constructor(capsule: string, chainId: number) {
    super(
      [
        `"${capsule}" is of chain ${chainId}, whose rules are not known.`,
        `- Known by their number: ${Object.entries(knownChains)
          .map(([id, name]) => `${name} (${id})`)
          .join(", ")}.`,
        "- Name the rules: `--hardfork cancun`, or what was in force.",
      ].join("\n"),
    );
  }
}

/** Rules are named that no engine here has. Not retryable. */
export class UnknownRules extends Error {
  override readonly name = "UnknownRules";
  constructor(hardfork: string) {
    super(
      [
        `No engine knows the rules ${JSON.stringify(hardfork.slice(0, 200))}.`,
        `- Known: ${hardforkNames.join(", ")}.`,
        "- Correct the name.",
      ].join("\n"),
    );
  }
}
