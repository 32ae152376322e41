/** Rules by name, oldest first. */
export const forkNames = ["cancun", "prague", "osaka", "bpo1", "bpo2"] as const;
export type Fork = (typeof forkNames)[number];

/** What a fork changes; whatever no fork here changes stands where it is used. */
export interface ForkRules {
  /** Precompiled contracts have the addresses from 1 up to this (EIP-4844, EIP-2537). */
  readonly lastPrecompile: number;
  /** One more, far from the others (EIP-7951); 0 for none. */
  readonly farPrecompile: number;
  /** EIP-7702: transactions carry authorizations, and accounts delegate to code. */
  readonly hasDelegations: boolean;
  /** EIP-7939: there is CLZ. */
  readonly hasLeadingZeros: boolean;
  /** EIP-7623: gas that a transaction pays at least for each token of its data; 0 for no such floor. */
  readonly floorGasPerToken: bigint;
  /** EIP-7825: gas that a transaction may have at most, beside what its block has. */
  readonly mostGas: bigint;
  /** Blobs that a transaction may carry (EIP-4844, EIP-7691, EIP-7594). */
  readonly mostBlobs: number;
  /** How slowly the price of blob gas follows its use (EIP-4844, EIP-7691, EIP-7892). */
  readonly blobBaseFeeUpdateFraction: bigint;
}

const cancun: ForkRules = {
  lastPrecompile: 0x0a,
  farPrecompile: 0,
  hasDelegations: false,
  hasLeadingZeros: false,
  floorGasPerToken: 0n,
  mostGas: (1n << 63n) - 1n,
  mostBlobs: 6,
  blobBaseFeeUpdateFraction: 3_338_477n,
};
const prague: ForkRules = {
  ...cancun,
  lastPrecompile: 0x11,
  hasDelegations: true,
  floorGasPerToken: 10n,
  mostBlobs: 9,
  blobBaseFeeUpdateFraction: 5_007_716n,
};
// Its prices of modexp (EIP-7823, EIP-7883) stand with the precompiled contracts.
const osaka: ForkRules = {
  ...prague,
  farPrecompile: 0x100,
  hasLeadingZeros: true,
  mostGas: 1n << 24n,
  mostBlobs: 6,
};

/** The one place that says what a fork changes; precompiles themselves are in `precompilesOf`. */
export const forkRules: { readonly [fork in Fork]: ForkRules } = {
  cancun,
  prague,
  osaka,
  // Only blobs: more of them in a block, and a price that follows.
  bpo1: { ...osaka, blobBaseFeeUpdateFraction: 8_346_193n },
  bpo2: { ...osaka, blobBaseFeeUpdateFraction: 11_684_671n },
};
