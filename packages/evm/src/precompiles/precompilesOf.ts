import type { Fork } from "../fork.ts";
import { blsG1Add, blsG2Add } from "./blsAdd.ts";
import { blsMapFp2ToG2, blsMapFpToG1 } from "./blsMap.ts";
import { blsG1Msm, blsG2Msm } from "./blsMsm.ts";
import { blsPairingCheck } from "./blsPairingCheck.ts";
import { bn254Pairing } from "./bn254Pairing.ts";
import { lightPrecompiles } from "./lightPrecompiles.ts";
import { modexpOfOsaka } from "./modexp.ts";
import type { Precompile } from "./Precompile.ts";
import { p256verify } from "./p256verify.ts";
import { pointEvaluation } from "./pointEvaluation.ts";

const cancun = new Map([...lightPrecompiles, [8, bn254Pairing] as const, [10, pointEvaluation] as const]);
const prague = new Map([
  ...cancun,
  [11, blsG1Add] as const,
  [12, blsG1Msm] as const,
  [13, blsG2Add] as const,
  [14, blsG2Msm] as const,
  [15, blsPairingCheck] as const,
  [16, blsMapFpToG1] as const,
  [17, blsMapFp2ToG2] as const,
]);
const osaka = new Map([...prague, [5, modexpOfOsaka] as const, [0x100, p256verify] as const]);
const byFork: Readonly<Record<Fork, ReadonlyMap<number, Precompile>>> = {
  cancun,
  prague,
  osaka,
  bpo1: osaka,
  bpo2: osaka,
};

/** The precompiled contracts of a fork by address, but for identity and BLAKE2, which are part of the WebAssembly. */
export function precompilesOf(fork: Fork): ReadonlyMap<number, Precompile> {
  return byFork[fork];
}
