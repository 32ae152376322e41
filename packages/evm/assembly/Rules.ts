/** What the fork decides inside a frame; the host sets it from its own table of forks. */
export class Rules {
  /** Precompiled contracts have the addresses from 1 up to this. */
  static lastPrecompile: u64 = 0x0a;
  /** EIP-7702: the code of an account may be a delegation to other code. */
  static hasDelegations: bool = false;
}

/** True if the address at `word` is that of a precompiled contract. */
@inline
export function isPrecompile(word: usize): bool {
  const low = load<u64>(word);
  return (load<u64>(word, 8) | (load<u64>(word, 16) & 0xffffffff)) == 0 && low != 0 && low <= Rules.lastPrecompile;
}
