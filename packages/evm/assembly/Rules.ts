/** What the fork decides inside a frame; the host sets it from its own table of forks. */
export class Rules {
  /** Precompiled contracts have the addresses from 1 up to this. */
  static lastPrecompile: u64 = 0x0a;
  /** EIP-7702: the code of an account may be a delegation to other code. */
  static hasDelegations: bool = false;
  /** One more precompiled contract far from the others (EIP-7951), or 0. */
  static farPrecompile: u64 = 0;
  /** EIP-7939: CLZ is an operation. */
  static hasLeadingZeros: bool = false;
}

/** True if the address at `word` is that of a precompiled contract. */
@inline
export function isPrecompile(word: usize): bool {
  const low = load<u64>(word);
  if ((load<u64>(word, 8) | (load<u64>(word, 16) & 0xffffffff)) != 0 || low == 0) return false;
  return low <= Rules.lastPrecompile || low == Rules.farPrecompile;
}
