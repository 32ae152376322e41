import { bn254Add } from "./bn254Add.ts";
import { bn254Mul } from "./bn254Mul.ts";
import { ecrecover } from "./ecrecover.ts";
import { modexp } from "./modexp.ts";
import type { Precompile } from "./Precompile.ts";
import { ripemd160 } from "./ripemd160.ts";
import { sha256 } from "./sha256.ts";

/**
 * The precompiled contracts of every fork that load at once, by address; 4 and 9 are part of the WebAssembly. The others stand on pairings, whose library takes
 * two or three times as long to load as all else: who starts with these loads `precompilesOf` when one is first called.
 */
export const lightPrecompiles: ReadonlyMap<number, Precompile> = new Map([
  [1, ecrecover],
  [2, sha256],
  [3, ripemd160],
  [5, modexp],
  [6, bn254Add],
  [7, bn254Mul],
]);
