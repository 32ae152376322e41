import type { EvmBlock } from "@testudo/core/model/Evm";
import { type Fork, forkNames } from "@testudo/evm/fork";

// Ethereum mainnet's, newest first, in Unix seconds (EIP-7569, EIP-7600, EIP-7607).
const forks = [
  ["bpo2", 1_767_747_671n],
  ["bpo1", 1_765_290_071n],
  ["osaka", 1_764_798_551n],
  ["prague", 1_746_612_311n],
  ["cancun", 1_710_338_135n],
] as const;

/**
 * The rules of `block` by name, from Cancun on: those that it names, else those in force on Ethereum mainnet at its time.
 * Undefined for an older block that names none. Other chains took over mainnet's forks within weeks.
 */
export function hardforkOf({ hardfork, timestamp }: Pick<EvmBlock, "hardfork" | "timestamp">): string | undefined {
  return hardfork ?? forks.find(([, since]) => timestamp >= since)?.[0];
}

/** The newest rules of our own engine. */
export const newestFork: Fork = forkNames.at(-1)!;

/** Whether our own engine has the rules of `fork`. */
export function isOurFork(fork: string | undefined): fork is Fork {
  return (forkNames as readonly (string | undefined)[]).includes(fork);
}
