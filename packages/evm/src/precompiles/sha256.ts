import { sha256 as hash } from "@noble/hashes/sha2.js";
import { gasByWord } from "./gasByWord.ts";
import type { Precompile } from "./Precompile.ts";

/** SHA-256 of the input. */
export const sha256: Precompile = { name: "sha256", gas: gasByWord(60n, 12n), run: (input) => hash(input) };
