import { ripemd160 as hash } from "@noble/hashes/legacy.js";
import { gasByWord } from "./gasByWord.ts";
import type { Precompile } from "./Precompile.ts";

/** RIPEMD-160 of the input, behind twelve zero bytes. */
export const ripemd160: Precompile = {
  name: "ripemd160",
  gas: gasByWord(600n, 120n),
  run: (input) => {
    const word = new Uint8Array(32);
    word.set(hash(input), 12);
    return word;
  },
};
