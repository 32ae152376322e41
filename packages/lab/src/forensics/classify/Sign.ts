import type { Address } from "@testudo/core/model/Hex";
import type { TxJudgement } from "@testudo/core/pipeline/judgeTx";
import type { Assets } from "../amounts.ts";
import type { HolderLoss } from "../lossesOf.ts";
import type { AttackClass, Classified, ControlChanged, Evidence, OracleRead } from "../Report.ts";
import type { Study } from "../Study.ts";

/** All that a sign may look at. */
export interface Traces {
  readonly study: Study;
  readonly actors: ReadonlySet<Address>;
  readonly losses: readonly HolderLoss[];
  /** Whoever lost something. */
  readonly losers: ReadonlySet<Address>;
  readonly oracleReads: readonly OracleRead[];
  readonly control: readonly ControlChanged[];
  readonly judgement: TxJudgement;
  readonly assets: Assets;
  /** How an address is called. */
  readonly say: (address: Address) => string;
}

/** One class and what speaks for it; undefined where nothing does. */
export type Sign = (traces: Traces) => Classified | undefined;

export const titles: { readonly [one in AttackClass]: string } = {
  "flash-loan": "Flash loan",
  "price-manipulation": "Price manipulation",
  reentrancy: "Re-entrancy",
  "read-only-reentrancy": "Read-only re-entrancy",
  donation: "Donation or share inflation",
  rounding: "Rounding",
  "access-control": "Missing access control",
  "arbitrary-call": "Arbitrary call",
  "uninitialised-proxy": "Uninitialised contract",
  governance: "Governance",
  "bridge-message": "Bridge message",
  "approval-drain": "Approval drain",
};

// The rest of it says the same again.
const mostEvidence = 6;

/** The class with its evidence; undefined where there is none. */
export function classified(
  one: AttackClass,
  confidence: Classified["confidence"],
  evidence: readonly Evidence[],
): Classified | undefined {
  if (evidence.length === 0) return undefined;
  return { class: one, title: titles[one], confidence, evidence: distinct(evidence).slice(0, mostEvidence) };
}

/** Each text once, at its first call. */
function distinct(evidence: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>();
  return evidence.filter(({ text }) => !seen.has(text) && seen.add(text));
}

/** What detectors of these names said of others than the actors, as evidence. */
export function saidBy({ judgement, actors }: Traces, ...detectors: readonly string[]): Evidence[] {
  return judgement.findings
    .filter(({ detector, subject }) => detectors.includes(detector) && !actors.has(subject))
    .map(({ reason }) => ({ text: reason }));
}
