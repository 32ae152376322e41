import type { Finding } from "@testudo/core/model/Finding";
import { isAtLeast } from "@testudo/core/model/Finding";
import type { Commit } from "@testudo/core/model/Output";

/** What the drill takes down of the watch while it runs. */
export interface Logbook {
  readonly findings: Finding[];
  readonly alerts: { readonly block: bigint; readonly ms: number }[];
  pausedBlock: bigint | null;
  head: { number: bigint; timestamp: bigint };
  note(commit: Commit, times: { readonly receivedAtMs?: number; readonly storedAtMs: number }): void;
}

/** An empty logbook; `note` is to be called with every commit. */
export function openLogbook(): Logbook {
  const book: Logbook = {
    findings: [],
    alerts: [],
    pausedBlock: null,
    head: { number: -1n, timestamp: 0n },
    note(commit, { receivedAtMs, storedAtMs }) {
      if (commit.cursor) book.head = commit.cursor;
      for (const record of commit.records) {
        if (record.kind === "Finding") book.findings.push(record);
        if (record.kind === "ActionStatus" && record.state === "active" && record.blockNumber !== undefined)
          book.pausedBlock ??= record.blockNumber;
      }
      const loud = commit.notices.find((notice) => notice.topic === "finding" && isAtLeast(notice.severity, "high"));
      if (loud && receivedAtMs !== undefined)
        book.alerts.push({ block: loud.blockNumber, ms: storedAtMs - receivedAtMs });
    },
  };
  return book;
}
