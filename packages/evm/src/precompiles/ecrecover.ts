import { keccak_256 } from "@noble/hashes/sha3.js";
import { padRight, readNumber } from "./bigEndian.ts";
import type { Precompile } from "./Precompile.ts";
import { recoverKey } from "./recoverKey.ts";

/**
 * The address that signed: of the hash, v (27 or 28), r and s, 32 bytes each; as a word. Nothing, and no failure, where no
 * key made such a signature. A high s is taken, as the Yellow Paper has it (appendix E).
 */
export const ecrecover: Precompile = {
  name: "ecrecover",
  gas: () => 3000n,
  run: (input) => {
    const [v, r, s] = [32, 64, 96].map((start) => readNumber(input, start, 32)) as [bigint, bigint, bigint];
    const key = v === 27n || v === 28n ? recoverKey(padRight(input, 32), v === 28n, r, s) : undefined;
    if (key === undefined) return new Uint8Array(0);
    const word = keccak_256(key.subarray(1));
    word.fill(0, 0, 12);
    return word;
  },
};
