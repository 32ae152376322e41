/** So many a span of time, whatever happens. */
export interface Budget {
  /** Uses one; false where there is none left now. */
  take(nowMs: number): boolean;
}

/** Makes one of `most` within any `spanMs`. */
export function makeBudget(most: number, spanMs: number): Budget {
  let used: number[] = [];
  return {
    take(nowMs) {
      used = used.filter((atMs) => nowMs - atMs < spanMs);
      if (used.length >= most) return false;
      used.push(nowMs);
      return true;
    },
  };
}
