/** So many a span of time for each of several, whatever the others use up. */
export interface Shares {
  /** Uses one of each of `names`; false where none of them has any left now. */
  take(names: readonly string[], nowMs: number): boolean;
}

/** Makes shares of `most` within any `spanMs`. */
export function makeShares(most: number, spanMs: number): Shares {
  const used = new Map<string, readonly number[]>();
  return {
    take(names, nowMs) {
      const recent = names.map((name) => (used.get(name) ?? []).filter((atMs) => nowMs - atMs < spanMs));
      // Who shares with somebody that has used up his own is not to go without.
      if (recent.every(({ length }) => length >= most)) return false;
      for (const [i, name] of names.entries()) used.set(name, [...recent[i]!, nowMs].slice(-most));
      return true;
    },
  };
}
