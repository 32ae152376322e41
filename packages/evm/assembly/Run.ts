// What belongs to the run that goes on: one transaction or call, from its begin to its end.

/** What the host is asked for. */
class Miss {
  static kind: u32 = 0;
}
/** Address as a word, then the key of a slot or the number of a block as a word. */
export const missWords: usize = memory.data(64, 16);

export class Run {
  static readonly ACCOUNT: u32 = 1;
  static readonly SLOT: u32 = 2;
  static readonly BLOCK_HASH: u32 = 3;
  static readonly CODE: u32 = 4;

  /** Counts runs; never used again, so that marks of an older run are void by themselves. */
  static id: u32 = 1;
  /** Unknown accounts are empty; without it the host is asked. */
  static isWorldComplete: bool = true;
  /** Gas that clearing storage gives back (EIP-3529). */
  static refund: i64 = 0;
  /** Why the frame at work fails, when an operation says FAIL. */
  static failure: u32 = 0;
  /** How the outermost frame ended. */
  static status: u32 = 0;

  static missing(kind: u32, address: usize, word: usize): void {
    Miss.kind = kind;
    if (address != 0) memory.copy(missWords, address, 32);
    if (word != 0) memory.copy(missWords + 32, word, 32);
  }
}

export function missKind(): u32 {
  return Miss.kind;
}
