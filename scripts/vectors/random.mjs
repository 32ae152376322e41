// Numbers for the vectors: the same for the same seed, everywhere.
import { createHash } from "node:crypto";

/** A source of bigints from SHA-256 of `seed` and a counter, and the form in which the vectors are written. */
export function makeRandom(seed) {
  let counter = 0;
  const word = () => BigInt(`0x${createHash("sha256").update(`${seed}:${counter++}`).digest("hex")}`);
  const below = (limit) => word() % limit;
  return {
    /** A number in [0, limit). */
    below,
    oneIn: (count) => below(BigInt(count)) === 0n,
    /** Half of the time one of `edges`, else a number of at most `bits` bits, small ones as likely as large ones. */
    pick: (edges, bits) =>
      below(2n) === 0n ? edges[Number(below(BigInt(edges.length)))] : below(2n ** (1n + below(BigInt(bits)))),
    /** Columns of decimal strings: a cheatcode reads a whole column at once. */
    toJson: (rows) =>
      `${JSON.stringify(
        Object.fromEntries(Object.keys(rows[0]).map((key) => [key, rows.map((row) => String(row[key]))])),
        undefined,
        2,
      )}\n`,
  };
}
