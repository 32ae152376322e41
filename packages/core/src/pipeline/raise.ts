import { underCalibration } from "../calibration/underCalibration.ts";
import type { BlockRef } from "../model/BlockBundle.ts";
import type { DetectorUse } from "../model/Detector.ts";
import { type Finding, type FindingDraft, isAtLeast } from "../model/Finding.ts";
import type { FindingStatus, WorkStatus } from "../model/FindingStatus.ts";
import type { Hex } from "../model/Hex.ts";
import type { Prediction } from "../model/PendingTx.ts";
import type { Program } from "../model/Program.ts";
import { hashOf, identify } from "../model/Record.ts";
import { type FindingCase, readCase, writeCase } from "./Case.ts";
import { awaitedOf, goOnAs, majorOf } from "./goOnAs.ts";
import { type Ledger, notePending, setStanding, standingOf } from "./Ledger.ts";
import { moveFinding } from "./moveFinding.ts";
import { isOfOurselves } from "./selfHealth.ts";

const bucketSeconds = 3_600n;

/** The hour of a time in Unix seconds: within it what is said again is the same finding. */
export function hourOf(timestamp: bigint): bigint {
  return timestamp / bucketSeconds;
}

// A transaction that comes back this soon after a reorg has moved, not happened again (FIND-03).
const relocationBlocks = 2n;

/** Where a draft arose. */
export interface Occurrence {
  readonly use: DetectorUse;
  readonly draft: FindingDraft;
  readonly ref: BlockRef;
  readonly phase: "history" | "live";
  /** Set where it has not happened yet; `ref` is the block after which it would. */
  readonly prediction?: Prediction;
}

/**
 * Turns a draft into a finding, or counts it on the one that is open (FIND-01).
 * Returns the finding if it is new, came back, or became more severe or rarer: then incidents have to be looked at.
 */
export function raise(ledger: Ledger, occurrence: Occurrence): Finding | undefined {
  const finding = toFinding(ledger.program, occurrence);
  const before = readCase(ledger.cases, "finding", finding.dedupKey);
  const finality = occurrence.use.meta.finality;
  // What history was silent about is news when it happens before our eyes.
  const isNews = before?.finding.phase === "history" && finding.phase === "live";
  const awaited = awaitedOf(ledger, occurrence, finding.dedupKey);
  if (awaited !== undefined)
    return open(ledger, finding, goOnAs(ledger, awaited, finding, "included"), finality, "included");
  if (
    before === undefined ||
    isNews ||
    before.chain === "expired" ||
    (before.work === "resolved" && before.chain !== "retracted")
  )
    return open(ledger, finding, before, finality, "raised");
  if (before.chain === "retracted") {
    const since = finding.blockNumber - (before.retractedAtBlock ?? 0n);
    const moved = finding.txHash !== undefined && finding.txHash === before.finding.txHash && since <= relocationBlocks;
    return open(ledger, finding, before, finality, moved ? "relocated" : "raised-again");
  }
  if (isGraver(finding, before.finding)) return open(ledger, finding, before, finality, "repeated");
  writeCase(ledger.cases, "finding", finding.dedupKey, {
    ...before,
    count: before.count + 1,
    lastBlock: finding.blockNumber,
  });
  return undefined;
}

// A weak one must not keep the strong one of its key from counting, nor a rarer one take the place of one that is more severe.
function isGraver(finding: Finding, before: Finding): boolean {
  if (!isAtLeast(before.severity, finding.severity)) return true;
  const { budgetPpm = Number.POSITIVE_INFINITY } = finding;
  return isAtLeast(finding.severity, before.severity) && budgetPpm < (before.budgetPpm ?? Number.POSITIVE_INFINITY);
}

function open(
  ledger: Ledger,
  finding: Finding,
  before: FindingCase | undefined,
  finality: FindingCase["finality"],
  transition: FindingStatus["transition"],
): Finding {
  ledger.records.push(finding);
  const work: WorkStatus = before?.work === "acknowledged" ? "acknowledged" : "open";
  const item: FindingCase = {
    finding,
    chain: "pending",
    work,
    count: (before?.count ?? 0) + 1,
    sequence: before?.sequence ?? -1,
    finality,
    ...(transition === "repeated" && before && !isWhole(finding)
      ? { earlier: [...(before.earlier ?? []), before.finding] }
      : {}),
    ...(before?.thread ? { thread: before.thread } : {}),
    ...(ledger.program.deliverHistory || isTold(before, transition) ? { isTold: true as const } : {}),
  };
  writeCase(ledger.cases, "findingId", finding.id, finding.dedupKey);
  ledger.opened.add(finding.dedupKey);
  moveFinding(ledger, item, transition, { chain: "pending", work });
  return finding;
}

// What was told once is told to its end, so that no reader is left with half of it: what goes on in a block that nobody watched, too.
function isTold(before: FindingCase | undefined, transition: FindingStatus["transition"]): boolean {
  return before?.isTold === true || (transition !== "raised" && before?.finding.phase === "live");
}

/** Whether `finding` is made of others: in a reorg it is judged anew by what is left of them. */
function isWhole({ from }: Finding): boolean {
  return from.length > 1;
}

/**
 * Takes back what was said about orphaned blocks, of which `ancestor` is the parent of the first: what is not final, and the `causes`
 * of actions, which may wait longer than their detectors do.
 */
export function retract(ledger: Ledger, orphaned: ReadonlySet<Hex>, ancestor: BlockRef, causes: readonly Hex[]): void {
  const { pending, openIncidents } = standingOf(ledger);
  const members = openIncidents.flatMap((id) => readCase(ledger.cases, "incident", id)?.findings ?? []);
  forgetRepeats(ledger, new Set([...pending, ...keysOf(ledger, members)]), ancestor);
  for (const key of new Set([...pending, ...keysOf(ledger, causes)])) {
    const item = readCase(ledger.cases, "finding", key);
    if (item === undefined || item.chain === "predicted" || !orphaned.has(item.finding.blockHash)) continue;
    // Nodes disagree when chains fork: what is told of them would go with the block that was the head then, and not come again.
    if (isOfOurselves(item.finding)) continue;
    const standing = item.earlier?.findLastIndex(({ blockHash }) => !orphaned.has(blockHash)) ?? -1;
    if (standing >= 0) {
      const less = { ...item, finding: item.earlier![standing]!, earlier: item.earlier!.slice(0, standing) };
      // What a person said of the case goes on; that the graver one was no attack is nobody's to accept any more.
      moveFinding(ledger, less, "relocated", { chain: item.chain, ...saidOf(item) });
      writeCase(ledger.cases, "mark", item.finding.id, undefined);
      continue;
    }
    // A person who acknowledged keeps the case on the desk; an open one is closed by the retraction itself.
    const work: WorkStatus = item.work === "acknowledged" ? "acknowledged" : "resolved";
    moveFinding(ledger, item, "retracted", { chain: "retracted", work, resolution: "retracted" });
  }
}

// Where a finding of `keys` was counted last may be orphaned, and where before that is not kept; its own block is known to stand.
function forgetRepeats(ledger: Ledger, keys: ReadonlySet<Hex>, ancestor: BlockRef): void {
  for (const key of keys) {
    const item = readCase(ledger.cases, "finding", key);
    if (item?.lastBlock === undefined || item.lastBlock <= ancestor.number) continue;
    const { lastBlock: _, ...rest } = item;
    writeCase(ledger.cases, "finding", key, rest);
  }
}

function keysOf(ledger: Ledger, findings: readonly Hex[]): readonly Hex[] {
  return findings.flatMap((id) => readCase(ledger.cases, "findingId", id) ?? []);
}

/** Confirms the pending findings for which `isFinal` holds. */
export function confirm(ledger: Ledger, isFinal: (item: FindingCase) => boolean): void {
  notePending(ledger);
  const { pending } = standingOf(ledger);
  const rest = pending.filter((key) => {
    const item = readCase(ledger.cases, "finding", key);
    if (item === undefined) return false;
    if (!isFinal(item)) return true;
    if (item.chain === "pending") moveFinding(ledger, item, "confirmed", { chain: "confirmed", ...saidOf(item) });
    return false;
  });
  if (rest.length !== pending.length) setStanding(ledger, { pending: rest });
}

/** What a person said of a finding. The last status is what everybody reads: it has to outlive a confirmation, a reorg and an end. */
export function saidOf({ work, resolution }: FindingCase): Pick<FindingStatus, "work" | "resolution"> {
  return { work, ...(work === "resolved" && resolution !== undefined ? { resolution } : {}) };
}

/** The finding that a draft becomes, whatever is known of it already. */
export function toFinding(
  { chainId, calibration }: Program,
  { use, draft, ref, phase, prediction }: Occurrence,
): Finding {
  const { meta } = use;
  const cls = draft.class ?? meta.class;
  const bucket = hourOf(ref.timestamp);
  return identify({
    kind: "Finding" as const,
    from: [ref.hash, ...(draft.members ?? [])],
    dedupKey: hashOf([meta.id, majorOf(meta.version), chainId, draft.subject, draft.key, bucket]),
    detector: meta.id,
    version: meta.version,
    class: cls,
    hard: meta.hard ?? false,
    ...(meta.deterministic === false ? { deterministic: false as const } : {}),
    ...underCalibration(calibration, meta, draft, cls),
    reason: draft.reason,
    chainId,
    blockNumber: ref.number,
    blockHash: ref.hash,
    timestamp: ref.timestamp,
    phase,
    subject: draft.subject,
    addresses: draft.addresses ?? [],
    ...(draft.txHash ? { txHash: draft.txHash } : {}),
    ...(draft.logIndex !== undefined ? { logIndex: draft.logIndex } : {}),
    score: draft.score,
    evidence: draft.evidence,
    runbook: meta.runbook,
    owner: meta.owner,
    ...(prediction ? { prediction } : {}),
  });
}
