import type { Address, Hex } from "./Hex.ts";
import { hashOf, identify, type RecordBase } from "./Record.ts";

/** What a report says. The attack itself is a working exploit and no part of it, but sealed. */
export interface ReportDraft {
  /** Who found it: our own search for attacks. */
  readonly source: "adversary";
  readonly chainId: number;
  /** The protected address that would lose. */
  readonly subject: Address;
  /** One sentence for a person. Never contains text taken from the chain unescaped, nor calldata. */
  readonly title: string;
  /** What was reached: value taken out, or a figure of the protocol that must not be, such as bad debt above zero. */
  readonly objective: "gain" | "figure";
  /** What the attacker would have in the end, beyond what he spent, in `unit`. WAD. */
  readonly gainWad: bigint;
  /** What he has to spend and does not get back, in `unit`. WAD. */
  readonly costWad: bigint;
  /** The unit of account, such as `ETH`, or a token's address. */
  readonly unit: string;
  /** SHA-256 of the capsule that shows it: state and transactions. */
  readonly capsule: Hex;
  /** What is needed to do it again, encrypted for the guardians: an armoured age file. */
  readonly sealed?: string;
  /** The engine on which it was run again, and whether the same came out. */
  readonly engine: { readonly name: string; readonly ok: boolean };
  /** The block on whose state it was found. */
  readonly forkBlock: { readonly number: bigint; readonly hash: Hex };
}

/** A report as it was taken. Frozen; what it leads to is a Finding. */
export interface Report extends RecordBase, ReportDraft {
  readonly kind: "Report";
  /** The same for all records of one report: the hash of what it says, by `hashOfReport`. */
  readonly report: Hex;
}

/** Engines that are not ours. What only ours has seen may be its own fault. */
export const foreignEngines = ["anvil", "edr", "ethereumjs"] as const;

/** The record of a report. */
export function toReport(draft: ReportDraft): Report {
  return identify({ ...draft, kind: "Report" as const, from: [draft.forkBlock.hash], report: hashOfReport(draft) });
}

/** The hash of what a report says. Sealing it anew, or on another engine, makes no other report of it. */
export function hashOfReport(draft: ReportDraft): Hex {
  const { source, chainId, subject, title, objective, gainWad, costWad, unit, capsule, forkBlock } = draft;
  return hashOf({ source, chainId, subject, title, objective, gainWad, costWad, unit, capsule, forkBlock });
}

/** Whether an engine that is not ours came to the same. */
export function isVerified({ engine: { name, ok } }: Pick<ReportDraft, "engine">): boolean {
  return ok && foreignEngines.some((engine) => engine === name.toLowerCase());
}
