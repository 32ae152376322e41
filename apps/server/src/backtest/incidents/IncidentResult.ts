import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Finding, Severity } from "@testudo/core/model/Finding";
import { isAtLeast } from "@testudo/core/model/Finding";
import { type Stage as AttackStage, stageOf } from "@testudo/core/model/Stage";
import type { Stage } from "../Case.ts";
import type { IncidentPlay, IncidentRow } from "./IncidentRow.ts";

/** What the detectors said of one row of the corpus. */
export interface IncidentResult {
  readonly name: string;
  readonly incident: string;
  readonly loss: string;
  readonly mechanism: string;
  readonly damage: string;
  /** The first finding of high or critical: its block against the one in which others lose, and what of the attack it shows. */
  readonly first: FirstAlert | null;
  /** The highest severity of each detector that spoke about the attack's blocks. */
  readonly told: Readonly<Record<string, Severity>>;
  /** Detectors that told damage or a broken invariant there, as high or critical. */
  readonly toldDamage: readonly string[];
  readonly mustFire: readonly string[];
  /** Those of `mustFire` that were silent. */
  readonly missed: readonly string[];
  /** What was said before the attack, of ordinary use and of the twin. */
  readonly saidOfTwin: Readonly<Record<string, Severity>>;
  /** Functions of the protected contracts that the attack entered and the twin did not. */
  readonly callsOfAttackAlone: readonly string[];
}

export interface FirstAlert {
  readonly detector: string;
  readonly severity: Severity;
  /** Blocks after the harm; negative before it. */
  readonly block: number;
  readonly when: Stage;
  readonly stage: AttackStage;
}

/** Makes the result of `row` out of what was played, seen and said. */
export function resultOf(
  row: IncidentRow,
  play: IncidentPlay,
  bundles: readonly BlockBundle[],
  findings: readonly Finding[],
): IncidentResult {
  const { name, incident, loss, mechanism, damage, mustFire } = row;
  const said = findings.filter(({ class: kind }) => kind !== "health");
  const ofAttack = said.filter(({ blockNumber }) => blockNumber >= play.attackFrom);
  const told = highestOf(ofAttack);
  const spoke = (id: string) => Object.keys(told).some((detector) => detector === id || detector.startsWith(`${id}-`));
  const loud = ofAttack.filter(({ severity }) => isAtLeast(severity, "high"));
  const calls = (isOf: (number: bigint) => boolean) => callsInto(play, bundles, isOf);
  const ofTwin = calls((number) => number < play.attackFrom);
  return {
    name,
    incident,
    loss,
    mechanism,
    damage,
    first: firstOf(loud, play.harm),
    told,
    toldDamage: [...new Set(loud.filter((f) => f.class !== "anomaly").map((f) => f.detector))],
    mustFire,
    missed: mustFire.filter((id) => !spoke(id)),
    saidOfTwin: highestOf(said.filter(({ blockNumber }) => blockNumber < play.attackFrom)),
    callsOfAttackAlone: [...calls((number) => number >= play.attackFrom)].filter((call) => !ofTwin.has(call)),
  };
}

function firstOf(loud: readonly Finding[], harm: bigint): FirstAlert | null {
  const [first] = [...loud].sort((a, b) => Number(a.blockNumber - b.blockNumber));
  if (first === undefined) return null;
  const block = Number(first.blockNumber - harm);
  const when: Stage = block < 0 ? "before" : block === 0 ? "in-transaction" : block === 1 ? "within-1-block" : "later";
  const { detector, severity } = first;
  return { detector, severity, block, when, stage: stageOf({ id: detector }) };
}

function highestOf(findings: readonly Finding[]): Record<string, Severity> {
  const highest: Record<string, Severity> = {};
  for (const { detector, severity } of findings)
    if (highest[detector] === undefined || isAtLeast(severity, highest[detector])) highest[detector] = severity;
  return highest;
}

/** Address and selector of each call into the protected contracts that may write and did not fail. */
function callsInto(
  { watched }: IncidentPlay,
  bundles: readonly BlockBundle[],
  isOf: (number: bigint) => boolean,
): Set<string> {
  const calls = new Set<string>();
  for (const { ref, traces } of bundles)
    for (const root of isOf(ref.number) ? (traces ?? []) : [])
      for (const visit of root === undefined || root === null ? [] : walk(root))
        if (watched.includes(visit.context) && !visit.reverted && !visit.isStatic)
          calls.add(`${visit.context} ${visit.selector}`);
  return calls;
}
