// What was tried and what came of it, as records in a chain of evidence: whoever has them can tell that none was changed.
import { type Evidence, firstPrevious } from "@testudo/core/model/Evidence";
import type { Hex } from "@testudo/core/model/Hex";
import { hashOf, identify, type RecordBase } from "@testudo/core/model/Record";
import type { Capsule } from "../record/Capsule.ts";
import type { PropertyVerdict } from "./judgeProperties.ts";
import type { Baseline } from "./playBaseline.ts";
import type { PatchRaid } from "./raidPatched.ts";
import type { TxRun } from "./TxRun.ts";

/** One transaction run under a patch: among all of the capsule, or in a world where nobody attacks. */
export interface PatchRun extends RecordBase {
  readonly kind: "PatchRun";
  readonly world: "attacked" | "peaceful";
  readonly run: TxRun;
}

/** What the adversary found on the patched state. */
export interface PatchSearch extends RecordBase {
  readonly kind: "PatchSearch";
  readonly search: PatchRaid;
}

/** What the properties are with the patch, and without. */
export interface PatchProperties extends RecordBase {
  readonly kind: "PatchProperties";
  readonly properties: readonly PropertyVerdict[];
}

/** What all runs came to. `findings` is everything that the verdict stands on. */
export interface PatchVerdict extends RecordBase {
  readonly kind: "PatchVerdict";
  /** The hash of what was played: chain, block and transactions. */
  readonly capsule: Hex;
  readonly ok: boolean;
  readonly findings: Hex;
}

export type PatchRecord = PatchRun | PatchSearch | PatchProperties | PatchVerdict;

/** The records of `runs`, of search and properties where there are any, and of what they came to, each with its link of a chain. `patch` is the patch's id. */
export function toEvidence(
  { capsule }: Baseline,
  patch: Hex,
  runs: readonly Pick<PatchRun, "world" | "run">[],
  findings: {
    readonly ok: boolean;
    readonly adversary: PatchRaid | null;
    readonly properties: readonly PropertyVerdict[];
    readonly [name: string]: unknown;
  },
): { readonly records: readonly PatchRecord[]; readonly evidence: readonly Evidence[] } {
  const { adversary: search, properties } = findings;
  const tried: (PatchRun | PatchSearch | PatchProperties)[] = [
    ...runs.map(({ world, run }): PatchRun => identify({ kind: "PatchRun", from: [patch], world, run })),
    ...(properties.length === 0 ? [] : [identify({ kind: "PatchProperties", from: [patch], properties } as const)]),
    ...(search === null ? [] : [identify({ kind: "PatchSearch", from: [patch], search } as const)]),
  ];
  const body = { kind: "PatchVerdict", from: [patch, ...tried.map(({ id }) => id)], ok: findings.ok } as const;
  const verdict: PatchVerdict = identify({ ...body, capsule: idOf(capsule), findings: hashOf(findings) });
  const records = [...tried, verdict];
  const evidence: Evidence[] = [];
  for (const { id } of records)
    evidence.push(
      identify({
        kind: "Evidence",
        from: [id],
        sequence: evidence.length,
        previous: evidence.at(-1)?.id ?? firstPrevious,
        input: "patch",
        outcome: "recorded",
      }),
    );
  return { records, evidence };
}

function idOf({ chainId, block, transactions = [] }: Capsule): Hex {
  return hashOf({ chainId, block, transactions: transactions.map(({ expected, raw, ...tx }) => tx) });
}
