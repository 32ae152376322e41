// What the generators of test vectors share: a seeded source of bigints, and the layout of the files.

/** A source of bigints: splitmix64 (public domain, S. Vigna), the same numbers for the same seed. */
export function seeded(seed) {
  const mask = (1n << 64n) - 1n;
  let state = seed & mask;
  const next = () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return z ^ (z >> 31n);
  };
  const wide = () => [0, 0, 0, 0, 0].reduce((sum) => (sum << 64n) | next(), 0n);
  /** Even between `min` and `max`, both included. */
  const between = (min, max) => min + (wide() % (max - min + 1n));
  /** Even in the number of bits between `min` and `max`. */
  const logBetween = (min, max) => {
    const bits = between(0n, BigInt((max - min).toString(2).length));
    const value = min + (wide() & ((1n << bits) - 1n));
    return value > max ? max : value;
  };
  return { between, logBetween };
}

/** `{ table: { columns, rows } }` as JSON with a row on each line; bigints become decimal strings. */
export function writeRows(tables) {
  const parts = Object.entries(tables).map(([name, { columns, rows }]) => {
    const lines = rows.map((row) => `      [${row.map((value) => `"${value}"`).join(", ")}]`);
    return `  "${name}": {\n    "columns": ${JSON.stringify(columns)},\n    "rows": [\n${lines.join(",\n")}\n    ]\n  }`;
  });
  return `{\n${parts.join(",\n")}\n}\n`;
}
