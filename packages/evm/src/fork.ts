/** Rules by name, oldest first. */
export const forkNames = ["cancun", "prague"] as const;
export type Fork = (typeof forkNames)[number];

/** What a fork changes; whatever no fork here changes stands where it is used. */
export interface ForkRules {
  /** Precompiled contracts have the addresses from 1 up to this (EIP-4844, EIP-2537). */
  readonly lastPrecompile: number;
  /** EIP-7702: transactions carry authorizations, and accounts delegate to code. */
  readonly hasDelegations: boolean;
  /** EIP-7623: gas that a transaction pays at least for each token of its data; 0 for no such floor. */
  readonly floorGasPerToken: bigint;
  /** Blobs that a block, and so a transaction, may carry (EIP-4844, EIP-7691). */
  readonly mostBlobs: number;
  /** How slowly the price of blob gas follows its use (EIP-4844, EIP-7691). */
  readonly blobBaseFeeUpdateFraction: bigint;
}

/** The one place that says what a fork changes; precompiles themselves are in `precompilesOf`. */
export const forkRules: { readonly [fork in Fork]: ForkRules } = {
  cancun: {
    lastPrecompile: 0x0a,
    hasDelegations: false,
    floorGasPerToken: 0n,
    mostBlobs: 6,
    blobBaseFeeUpdateFraction: 3_338_477n,
  },
  prague: {
    lastPrecompile: 0x11,
    hasDelegations: true,
    floorGasPerToken: 10n,
    mostBlobs: 9,
    blobBaseFeeUpdateFraction: 5_007_716n,
  },
};
