/** The largest file of a call tree, and what a compressed one may unpack to. */
export const mostBytes = 64 * 1024 * 1024;

/**
 * Calls of one transaction. A call of an account that was called before costs some 120 gas with what it stands on: 16.8 million gas,
 * the most of a transaction on Ethereum (EIP-7825), have room for 140,000, behind which somebody may hide what he does.
 */
export const mostCalls = 300_000;
