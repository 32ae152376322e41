// A finding's key holds its hour, a prediction may wait into the next one, and who sends its transaction can choose the second.
// So a prediction is known by what it is about, and what rests on it goes on with the finding that takes its place.
import type { DetectorUse } from "../model/Detector.ts";
import type { Finding, FindingDraft } from "../model/Finding.ts";
import type { Hex } from "../model/Hex.ts";
import { hashOf } from "../model/Record.ts";
import { type FindingCase, readCase, writeCase } from "./Case.ts";
import { type Ledger, setStanding, standingOf } from "./Ledger.ts";
import { noteStatus, threadOf } from "./moveFinding.ts";

/** What is said, and by which detector. */
interface Said {
  readonly use: DetectorUse;
  readonly draft: FindingDraft;
}

/** What a draft is about, as its finding's key has it, without the hour. */
export function topicOf(ledger: Ledger, { use: { meta }, draft }: Said): Hex {
  return hashOf([meta.id, majorOf(meta.version), ledger.program.chainId, draft.subject, draft.key]);
}

/** The part of a version whose change makes other findings. */
export function majorOf(version: string): string {
  return version.split(".")[0] ?? "0";
}

/**
 * The prediction of what is said that is waited for, or the one of the key `dedupKey`. Not by its transaction: a replaced one has
 * another hash, and must not make the same a second alert; that its nonce was used by another ends it anyway.
 */
export function awaitedOf(ledger: Ledger, said: Said, dedupKey: Hex): FindingCase | undefined {
  const { predicted = [] } = standingOf(ledger);
  if (predicted.length === 0) return undefined;
  // What was predicted before topics were kept is found by its key.
  const key = [readCase(ledger.cases, "foretold", topicOf(ledger, said)), dedupKey].find(
    (one) => one && predicted.includes(one),
  );
  return key === undefined ? undefined : readCase(ledger.cases, "finding", key);
}

/**
 * Ends the prediction `item` because `finding` says it from now on: nobody has to settle it twice, and incidents and actions
 * that rest on it rest on that. Returns the case that `finding` goes on with.
 */
export function goOnAs(
  ledger: Ledger,
  item: FindingCase,
  finding: Finding,
  transition: "included" | "repeated",
): FindingCase {
  // What a person said of it stays said.
  const resolution = item.work === "resolved" && item.resolution !== undefined ? item.resolution : "duplicate";
  noteStatus(ledger, item, transition, { chain: "predicted", work: "resolved", resolution, goesOnAs: finding.id });
  const { predicted = [] } = standingOf(ledger);
  setStanding(ledger, { predicted: predicted.filter((key) => key !== item.finding.dedupKey) });
  forgetTopic(ledger, item);
  for (const { id } of [...(item.earlier ?? []), item.finding])
    writeCase(ledger.cases, "findingId", id, finding.dedupKey);
  // Each key counts its own transitions: a notice's id is made of both.
  const sequence = readCase(ledger.cases, "finding", finding.dedupKey)?.sequence ?? -1;
  return { ...item, sequence, thread: threadOf(item) };
}

/** Forgets by what a prediction was known that is not waited for any more. */
export function forgetTopic(ledger: Ledger, { topic, finding }: FindingCase): void {
  if (topic !== undefined && readCase(ledger.cases, "foretold", topic) === finding.dedupKey)
    writeCase(ledger.cases, "foretold", topic, undefined);
}
