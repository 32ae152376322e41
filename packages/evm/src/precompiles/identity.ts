import { gasByWord } from "./gasByWord.ts";
import type { Precompile } from "./Precompile.ts";

/** The input itself, as a copy. */
export const identity: Precompile = { name: "identity", gas: gasByWord(15n, 3n), run: (input) => input.slice() };
