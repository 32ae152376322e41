import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Address, Hex } from "@testudo/core/model/Hex";

/** The time of the genesis block of every play, Unix seconds. */
export const genesisSeconds = 1_750_000_000n;

/** A published incident, rebuilt as small contracts: the attack, and the same calls with honest inputs. */
export interface IncidentRow {
  /** What the command line calls it. */
  readonly name: string;
  /** What the world calls it, with its month. */
  readonly incident: string;
  /** As published, rounded. */
  readonly loss: string;
  readonly mechanism: string;
  /** Detectors that have to tell it; `invariant` stands for any rule of that kind. */
  readonly mustFire: readonly string[];
  /** What others lose by it. */
  readonly damage: string;
  /** Plays ordinary use, the twin and the attack on a fresh chain without mining of its own. */
  play(options: { readonly rpcUrl: string }): Promise<IncidentPlay>;
}

/** What was played, by block number. Ordinary use first, then the twin, then the attack. */
export interface IncidentPlay {
  readonly watched: readonly Address[];
  readonly detectors: readonly DetectorUse[];
  /** The first block that is judged. */
  readonly from: bigint;
  readonly twinFrom: bigint;
  readonly attackFrom: bigint;
  /** The block in which others lose. */
  readonly harm: bigint;
  readonly to: bigint;
  readonly roles: ReadonlyMap<Hex, "benign" | "attack">;
}
