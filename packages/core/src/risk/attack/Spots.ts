/** Spot where an arbitrageur restores it in the next block, and spot during runs; the same where a schedule has one kind. */
export interface Spots {
  readonly push: number;
  readonly run: number;
}
