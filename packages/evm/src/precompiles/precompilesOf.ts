import type { Fork } from "../fork.ts";
import { blake2f } from "./blake2f.ts";
import { blsG1Add, blsG2Add } from "./blsAdd.ts";
import { blsMapFp2ToG2, blsMapFpToG1 } from "./blsMap.ts";
import { blsG1Msm, blsG2Msm } from "./blsMsm.ts";
import { blsPairingCheck } from "./blsPairingCheck.ts";
import { bn254Add } from "./bn254Add.ts";
import { bn254Mul } from "./bn254Mul.ts";
import { bn254Pairing } from "./bn254Pairing.ts";
import { ecrecover } from "./ecrecover.ts";
import { identity } from "./identity.ts";
import { modexp } from "./modexp.ts";
import type { Precompile } from "./Precompile.ts";
import { pointEvaluation } from "./pointEvaluation.ts";
import { ripemd160 } from "./ripemd160.ts";
import { sha256 } from "./sha256.ts";

const cancun = [
  ecrecover,
  sha256,
  ripemd160,
  identity,
  modexp,
  bn254Add,
  bn254Mul,
  bn254Pairing,
  blake2f,
  pointEvaluation,
];
const prague = [...cancun, blsG1Add, blsG1Msm, blsG2Add, blsG2Msm, blsPairingCheck, blsMapFpToG1, blsMapFp2ToG2];
const byFork: Readonly<Record<Fork, ReadonlyMap<number, Precompile>>> = {
  cancun: atAddresses(cancun),
  prague: atAddresses(prague),
};

/** The precompiled contracts of a fork by address, from 1 on. */
export function precompilesOf(fork: Fork): ReadonlyMap<number, Precompile> {
  return byFork[fork];
}

function atAddresses(precompiles: readonly Precompile[]): ReadonlyMap<number, Precompile> {
  return new Map(precompiles.map((precompile, i) => [i + 1, precompile]));
}
