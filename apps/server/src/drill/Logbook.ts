import type { ActionState } from "@testudo/core/model/ActionStatus";
import type { Derivation } from "@testudo/core/model/Derivation";
import type { Finding } from "@testudo/core/model/Finding";
import { isAtLeast } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import type { PendingVerdict } from "../preblock/PendingVerdict.ts";
import type { Probed } from "../preblock/probeCreations.ts";

/** What the drill takes down of the watch while it runs. */
export interface Logbook {
  readonly findings: Finding[];
  readonly alerts: { readonly block: bigint; readonly ms: number }[];
  /** What the pool's transactions came to, by hash; the first word on each counts. */
  readonly verdicts: Map<Hex, PendingVerdict>;
  /** What the probes of new contracts came to, by the transaction that made them. */
  readonly probes: Map<Hex, Probed>;
  /** The first block with a pause in force. */
  pausedBlock: bigint | null;
  /** The first block with a guard rule in force. */
  ruledBlock: bigint | null;
  /** The search that found the first rule in force; null where none was derived. */
  derivation: Derivation | null;
  /** Actions that fork, guardians or sender still have to do something about before a block can, and searches for a rule. */
  readonly inHand: ReadonlySet<Hex>;
  head: { number: bigint; timestamp: bigint };
  note(commit: Commit, times: { readonly receivedAtMs?: number; readonly storedAtMs: number }): void;
}

const unfinished: readonly ActionState[] = ["proposed", "simulated", "approved", "cooling", "signed"];

const searchCells = "c/search/";

/** An empty logbook; `note` is to be called with every commit. */
export function openLogbook(): Logbook {
  const inHand = new Set<Hex>();
  const rules = new Set<Hex>();
  const book: Logbook = {
    inHand,
    findings: [],
    alerts: [],
    verdicts: new Map(),
    probes: new Map(),
    pausedBlock: null,
    ruledBlock: null,
    derivation: null,
    head: { number: -1n, timestamp: 0n },
    note(commit, { receivedAtMs, storedAtMs }) {
      if (commit.cursor) book.head = commit.cursor;
      noteSearches(commit, inHand);
      for (const record of commit.records) {
        if (record.kind === "Finding") book.findings.push(record);
        if (record.kind === "Derivation" && record.rule !== undefined) book.derivation ??= record;
        if (record.kind === "Action" && record.type === "guardRule") rules.add(record.id);
        if (record.kind !== "ActionStatus") continue;
        if (record.state === "active" && record.blockNumber !== undefined)
          book[rules.has(record.action) ? "ruledBlock" : "pausedBlock"] ??= record.blockNumber;
        if (unfinished.includes(record.state)) inHand.add(record.action);
        else inHand.delete(record.action);
      }
      const loud = commit.notices.find((notice) => notice.topic === "finding" && isAtLeast(notice.severity, "high"));
      if (loud && receivedAtMs !== undefined)
        book.alerts.push({ block: loud.blockNumber, ms: storedAtMs - receivedAtMs });
    },
  };
  return book;
}

// That one began is no record; its case in the cells is open until what came of it is known.
function noteSearches({ cells }: Commit, inHand: Set<Hex>): void {
  for (const [key, value] of cells) {
    if (!key.startsWith(searchCells)) continue;
    const id = key.slice(searchCells.length) as Hex;
    if ((value as { readonly isOpen?: boolean } | undefined)?.isOpen === true) inHand.add(id);
    else inHand.delete(id);
  }
}
