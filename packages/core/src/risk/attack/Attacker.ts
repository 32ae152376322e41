import { assertCount, assertWithin } from "./AttackInputError.ts";

/** Slots whose block the attacker makes, or has made as he wants. */
export interface SlotPower {
  /** His part of the stake, or of the blocks. */
  readonly share: number;
  /** The longest run that is looked at. */
  readonly maxSlots: number;
  /** Runs count while the chance that one window holds them all is at least this. */
  readonly minChance: number;
}

/** What the attacker can do, and who works against him. */
export interface Attacker {
  /**
   * Whether somebody brings a bent pool back in the next block. Only then does a bent block cost its whole loss; without
   * it one push lasts for the whole window and costs its fees.
   */
  readonly arbitrageEveryBlock: boolean;
  readonly slots?: SlotPower;
  /** Greatest amount of a push, in quote. */
  readonly maxCapital?: number;
}

/** Throws AttackInputError naming what is out of range. */
export function assertAttacker({ slots, maxCapital }: Attacker): void {
  if (maxCapital !== undefined) assertWithin("maxCapital", maxCapital, 0, Number.POSITIVE_INFINITY);
  if (slots === undefined) return;
  assertWithin("share", slots.share, 0, 1);
  assertWithin("minChance", slots.minChance, Number.MIN_VALUE, 1);
  assertCount("maxSlots", slots.maxSlots, 1, 100_000);
}
