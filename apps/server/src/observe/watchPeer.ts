import { limitTime } from "@testudo/chain/rpc/limitTime";
import { redactUrl } from "@testudo/chain/rpc/redactUrl";
import { sleep } from "@testudo/chain/rpc/sleep";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { type Finding, isAtLeast } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import { z } from "zod";
import type { Observability } from "./Observability.ts";

/** What comparing with another watch needs. */
export interface PeerOptions {
  readonly settings: NonNullable<Observability["peer"]>;
  readonly tell: (trouble: StreamTrouble) => void;
  readonly signal: AbortSignal;
  readonly now?: () => number;
}

/** Compares what this watch finds with what the other has found. */
export interface PeerWatch {
  onStored(commit: Commit): void;
  /** Resolves when the signal is aborted. */
  readonly done: Promise<void>;
}

const pageSchema = z.object({
  findings: z.array(
    z.object({ seq: z.number(), finding: z.object({ dedupKey: z.string(), blockNumber: z.string() }) }),
  ),
});
const endpoint = "peer";
const pageSize = 500;
const mostPages = 20;
// What waits for the other's answer is bounded; the oldest are given up first, and that is told.
const mostWaiting = 10_000;

interface Waiting {
  readonly finding: Finding;
  readonly sinceMs: number;
}

/**
 * Asks the other watch for its findings and tells each of ours that it has not made within its time (SELF-04). Two watches that run
 * the same detectors give a finding the same key. What was retracted meanwhile is no matter any more.
 */
export function watchPeer(options: PeerOptions): PeerWatch {
  const { settings, signal, now = Date.now } = options;
  const waiting = new Map<Hex, Waiting>();
  const run = async () => {
    let isAway = false;
    while (!signal.aborted) {
      await sleep(settings.everySeconds * 1_000, signal);
      if (signal.aborted || waiting.size === 0) continue;
      const failure = await compare(options, waiting, now());
      if (signal.aborted) return;
      if (failure !== undefined && !isAway)
        options.tell({ kind: "trouble", trouble: "peer-away", endpoint, message: failure });
      if (failure === undefined && isAway)
        options.tell({
          kind: "trouble",
          trouble: "recovered",
          over: "peer-away",
          endpoint,
          message: "The other watch answers again.",
        });
      isAway = failure !== undefined;
    }
  };
  return {
    onStored({ records }) {
      for (const record of records) {
        // What this watch says of itself is no business of the other's.
        if (record.kind === "Finding" && isComparable(record) && !waiting.has(record.dedupKey))
          waiting.set(record.dedupKey, { finding: record, sinceMs: now() });
        if (record.kind === "FindingStatus" && record.transition === "retracted")
          for (const [key, { finding }] of waiting) if (finding.id === record.finding) waiting.delete(key);
      }
      for (const key of waiting.keys()) if (waiting.size > mostWaiting) waiting.delete(key);
    },
    done: run(),
  };
}

function isComparable(finding: Finding): boolean {
  // The other watch was handed no report of this one's adversary.
  const isOwn = finding.class === "health" || finding.class === "vulnerability";
  return finding.phase === "live" && !isOwn && isAtLeast(finding.severity, "medium");
}

async function compare(
  { settings, tell, signal }: PeerOptions,
  waiting: Map<Hex, Waiting>,
  nowMs: number,
): Promise<string | undefined> {
  let theirs: ReadonlySet<string>;
  try {
    const oldest = [...waiting.values()].reduce(
      (low, { finding }) => (finding.blockNumber < low ? finding.blockNumber : low),
      [...waiting.values()][0]!.finding.blockNumber,
    );
    theirs = await keysSince(settings.url, oldest, signal);
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    return `The other watch at ${redactUrl(settings.url)} cannot be asked: ${cause?.message || message}.`;
  }
  for (const [key, { finding, sinceMs }] of waiting) {
    if (theirs.has(key)) waiting.delete(key);
    else if (nowMs - sinceMs >= settings.graceSeconds * 1_000) {
      waiting.delete(key);
      const what = `${finding.severity} finding of ${finding.detector} in block ${finding.blockNumber} (${key})`;
      const message = `The other watch has not made the ${what} within ${settings.graceSeconds} s.`;
      tell({ kind: "trouble", trouble: "peer-missed", endpoint: `${endpoint} ${key}`, message });
    }
  }
  return undefined;
}

/** Dedup keys of the other's findings down to block `oldest`, as far back as a bounded number of pages goes. */
async function keysSince(base: string, oldest: bigint, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  let before: number | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const url = `${base.replace(/\/+$/, "")}/findings?limit=${pageSize}${before === undefined ? "" : `&before=${before}`}`;
    const { findings } = await limitTime(10_000, signal, async (limit) => {
      const answer = await fetch(url, { signal: limit });
      if (!answer.ok) {
        // A body that nobody reads keeps its connection until garbage is collected.
        await answer.body?.cancel();
        throw new Error(`it answered ${answer.status}`);
      }
      return pageSchema.parse(await answer.json());
    });
    for (const { finding } of findings) keys.add(finding.dedupKey);
    const last = findings.at(-1);
    if (last === undefined || findings.length < pageSize || BigInt(last.finding.blockNumber) < oldest) break;
    before = last.seq;
  }
  return keys;
}
