// The report on one transaction, as plain data: what `--json` prints, with bigint as decimal strings. docs/forensics.md
// explains every field; a change that is no addition makes a new format.

import type { Severity } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";

export const reportFormat = "testudo-forensics/1";

export interface ForensicReport {
  readonly format: typeof reportFormat;
  readonly chainId: number;
  readonly transaction: ReportedTransaction;
  /** What happened, in one sentence. */
  readonly sentence: string;
  readonly verdict: Verdict;
  readonly classification: readonly Classified[];
  readonly rootCause: RootCause | null;
  readonly parties: readonly Party[];
  readonly assets: readonly AssetInfo[];
  readonly flow: Flow;
  readonly losses: readonly Loss[];
  readonly timeline: readonly TimelineEntry[];
  readonly oracleReads: readonly OracleRead[];
  readonly priceMoves: readonly PriceMoveTold[];
  readonly callTree: DecodedCall;
  readonly stateChanges: StateChanges;
  readonly findings: readonly ReportedFinding[];
  readonly defences: readonly Defence[];
  /** What could not be known, and why. */
  readonly limits: readonly string[];
}

/** `attack`: harm by an unusual way; `suspicious`: signs without harm, or a kind of attack by which somebody lost; `ordinary`: neither. */
export type Verdict = "attack" | "suspicious" | "ordinary";

export interface ReportedTransaction {
  readonly hash: Hex;
  readonly from: Address;
  readonly to: Address | null;
  readonly value: bigint;
  readonly blockNumber: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly succeeded: boolean;
  readonly gasUsed: bigint | null;
  readonly error: string | null;
  /** Transactions of the same actor that made ready for it. */
  readonly before: readonly Hex[];
}

export const attackClasses = [
  "flash-loan",
  "price-manipulation",
  "reentrancy",
  "read-only-reentrancy",
  "donation",
  "rounding",
  "access-control",
  "arbitrary-call",
  "uninitialised-proxy",
  "governance",
  "bridge-message",
  "approval-drain",
] as const;
export type AttackClass = (typeof attackClasses)[number];

export interface Classified {
  readonly class: AttackClass;
  readonly title: string;
  /** `certain`: the trace shows it; `likely`: it shows what it looks like; `possible`: one sign of it. */
  readonly confidence: "certain" | "likely" | "possible";
  readonly evidence: readonly Evidence[];
}

export interface Evidence {
  readonly text: string;
  /** The call of the tree that shows it, by its `id`. */
  readonly call?: number;
}

export interface RootCause {
  readonly class: AttackClass;
  readonly confidence: Classified["confidence"];
  readonly contract: Address | null;
  readonly hypothesis: string;
  readonly call: number | null;
}

export type PartyRole = "actor" | "victim" | "lender" | "pool" | "counterparty" | "recipient" | "token" | "supply";

export interface Party {
  readonly id: string;
  readonly role: PartyRole;
  readonly name: string;
  readonly addresses: readonly Address[];
  /** Named beforehand as what is protected. */
  readonly isProtected?: true;
  /** Net of the whole party; gains positive. */
  readonly net: readonly AssetAmount[];
  /** By the price source, in its currency; null where one is missing. */
  readonly worth: number | null;
}

export interface AssetAmount {
  readonly asset: string;
  readonly amount: bigint;
}

export interface AssetInfo {
  /** `native`, a token's address, or `<token>:<id>`. */
  readonly asset: string;
  readonly kind: "native" | "erc20" | "erc721" | "erc1155" | "erc4626";
  readonly symbol: string;
  readonly decimals: number;
}

export interface Flow {
  /** `calldata` where no logs are known. */
  readonly source: "logs" | "calldata";
  readonly net: readonly {
    readonly address: Address;
    readonly party: string;
    readonly amounts: readonly AssetAmount[];
  }[];
  readonly transfers: readonly {
    readonly asset: string;
    readonly from: Address;
    readonly to: Address;
    readonly amount: bigint;
  }[];
  readonly minted: readonly AssetAmount[];
  readonly burned: readonly AssetAmount[];
  /** Assets whose events contradict each other. */
  readonly unbalanced: readonly string[];
  readonly currency: string | null;
}

export interface Loss {
  readonly party: string;
  readonly holder: Address;
  readonly asset: string;
  readonly amount: bigint;
  /** What was held before; null where that could not be read. */
  readonly held: bigint | null;
  /** 0..1 of it. */
  readonly share: number | null;
}

export type TimelineKind =
  | "begin"
  | "create"
  | "loan"
  | "transfer"
  | "swap"
  | "oracle"
  | "reentry"
  | "control"
  | "approval"
  | "failure"
  | "destroy";

export interface TimelineEntry {
  readonly kind: TimelineKind;
  readonly text: string;
  readonly call: number;
}

export interface OracleRead {
  readonly call: number;
  readonly reader: Address;
  readonly source: Address;
  readonly method: string;
  /** What it gave in the transaction, and what the same call gives on the state before; null where that is unknown. */
  readonly inside: bigint | null;
  readonly before: bigint | null;
  /** inside / before − 1. */
  readonly change: number | null;
  /** The trades before the read that moved its source, by call. */
  readonly movedBy: readonly { readonly call: number; readonly pool: Address; readonly change: number }[];
}

export interface PriceMoveTold {
  readonly pool: Address;
  readonly market: string;
  /** after / before − 1. */
  readonly change: number;
  readonly call: number;
}

export interface DecodedCall {
  readonly id: number;
  readonly type: string;
  readonly from: Address;
  readonly to: Address;
  /** Whose code it is, where it is known. */
  readonly name: string | null;
  readonly function: string | null;
  readonly args: readonly DecodedValue[];
  readonly returns: readonly DecodedValue[];
  readonly value: bigint;
  readonly gas: bigint | null;
  readonly gasUsed: bigint | null;
  readonly error: string | null;
  /** The words or custom error that it reverted with. */
  readonly reason: string | null;
  readonly input: Hex;
  readonly output: Hex;
  readonly events: readonly DecodedEvent[];
  readonly calls: readonly DecodedCall[];
  /** Calls below that are left out for their number. */
  readonly omitted: number;
}

export interface DecodedValue {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

export interface DecodedEvent {
  readonly address: Address;
  readonly name: string | null;
  readonly args: readonly DecodedValue[];
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly position: number;
}

export interface StateChanges {
  /** False where the state before and after is not known. */
  readonly isKnown: boolean;
  readonly contracts: readonly ContractChange[];
  readonly control: readonly ControlChanged[];
}

export interface ContractChange {
  readonly address: Address;
  readonly party: string;
  readonly balance: Changed<bigint> | null;
  readonly nonce: Changed<number> | null;
  readonly code: "created" | "destroyed" | "delegated" | "changed" | null;
  readonly slots: readonly (Changed<Hex> & { readonly slot: Hex; readonly name: string | null })[];
}

export interface Changed<T> {
  readonly before: T;
  readonly after: T;
}

export interface ControlChanged {
  readonly address: Address;
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly call: number | null;
}

export interface ReportedFinding {
  readonly detector: string;
  readonly severity: Severity;
  readonly score: number;
  readonly reason: string;
  readonly subject: Address;
}

export interface Defence {
  readonly module: string;
  /** What it would have done, with its figure where there is one. */
  readonly effect: string;
}
