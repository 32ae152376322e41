// The one place that says what a fork changes. Costs that no fork here changes stand where they are charged.

export const CANCUN: u32 = 0;
export const PRAGUE: u32 = 1;

export class Fork {
  static id: u32 = CANCUN;
}

/** The highest address of a precompiled contract: EIP-4844's, then those of EIP-2537. */
@inline
export function lastPrecompile(): u64 {
  return Fork.id >= PRAGUE ? 0x11 : 0x0a;
}

/** EIP-7702: accounts may delegate to code, and transactions carry authorizations. */
@inline
export function hasDelegations(): bool {
  return Fork.id >= PRAGUE;
}

/** EIP-7623: transactions with much data pay at least so much per token of it; 0 before. */
@inline
export function floorPerToken(): u64 {
  return Fork.id >= PRAGUE ? 10 : 0;
}

/** EIP-4844 and EIP-7691: blobs that one block, and so one transaction, may carry. */
@inline
export function mostBlobs(): u32 {
  return Fork.id >= PRAGUE ? 9 : 6;
}
