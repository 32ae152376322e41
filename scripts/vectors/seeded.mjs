// What the generators of test vectors share: sources of numbers, the same for the same seed, and the layouts of the files.
import { createHash } from "node:crypto";

const mask = 2n ** 64n - 1n;

/** Uniform 64-bit numbers from a 64-bit seed: splitmix64 (Steele, Lea and Flood, OOPSLA 2014). */
export function splitmix(seed) {
  let state = seed & mask;
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return z ^ (z >> 31n);
  };
}

/** Ranges of bigints from splitmix64. */
export function seeded(seed) {
  const next = splitmix(seed);
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

/** Choices among edges, from SHA-256 of `seed` and a counter: the published vectors were drawn from this source. */
export function hashed(seed) {
  let counter = 0;
  const word = () => BigInt(`0x${createHash("sha256").update(`${seed}:${counter++}`).digest("hex")}`);
  /** A number in [0, limit). */
  const below = (limit) => word() % limit;
  return {
    below,
    oneIn: (count) => below(BigInt(count)) === 0n,
    /** Half of the time one of `edges`, else a number of at most `bits` bits, small ones as likely as large ones. */
    pick: (edges, bits) =>
      below(2n) === 0n ? edges[Number(below(BigInt(edges.length)))] : below(2n ** (1n + below(BigInt(bits)))),
  };
}

/** `{ column: values }` as JSON; bigints become decimal strings. */
export function writeColumns(rows) {
  const columns = Object.keys(rows[0]).map((key) => [key, rows.map((row) => String(row[key]))]);
  return `${JSON.stringify(Object.fromEntries(columns), undefined, 2)}\n`;
}

/** `{ table: { columns, rows } }` as JSON with a row on each line; bigints become decimal strings. */
export function writeRows(tables) {
  const parts = Object.entries(tables).map(([name, { columns, rows }]) => {
    const lines = rows.map((row) => `      [${row.map((value) => `"${value}"`).join(", ")}]`);
    return `  "${name}": {\n    "columns": ${JSON.stringify(columns)},\n    "rows": [\n${lines.join(",\n")}\n    ]\n  }`;
  });
  return `{\n${parts.join(",\n")}\n}\n`;
}
