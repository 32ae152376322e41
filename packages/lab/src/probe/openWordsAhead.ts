// What lies in storage in a row, as a long text or code that is kept there does, is read in a row: each word would cost a
// round of fetching.

/** Which words to fetch where one is missing. */
export interface WordsAhead {
  /** `key`, and behind it more words the longer the row of those that were missed at `address` has become. */
  from(address: string, key: bigint): readonly bigint[];
}

const mostAtOnce = 64;
/** Rows that are followed at a time. */
const mostRows = 256;

export function openWordsAhead(): WordsAhead {
  // By where a row would go on: how many words to fetch there.
  const rows = new Map<string, number>();
  return {
    from(address, key) {
      const count = rows.get(`${address} ${key}`) ?? 1;
      rows.delete(`${address} ${key}`);
      const keys = Array.from({ length: count }, (_, i) => BigInt.asUintN(256, key + BigInt(i)));
      rows.set(`${address} ${BigInt.asUintN(256, key + BigInt(count))}`, Math.min(mostAtOnce, count * 2));
      if (rows.size > mostRows) rows.delete(rows.keys().next().value!);
      return keys;
    },
  };
}
