// Findings about what waits in the pool. They open incidents and may lead to a pause like any other, but they are never
// confirmed: the block that holds the transaction says it again, or nothing comes of them.
import { groupBy } from "../math/groupBy.ts";
import type { BlockBundle } from "../model/BlockBundle.ts";
import { type Finding, isAtLeast } from "../model/Finding.ts";
import type { WorkStatus } from "../model/FindingStatus.ts";
import type { Hex } from "../model/Hex.ts";
import { causesOfUnsent } from "./act.ts";
import { type FindingCase, readCase, writeCase } from "./Case.ts";
import { awaitedOf, forgetTopic, goOnAs, topicOf } from "./goOnAs.ts";
import { type Ledger, setStanding, standingOf } from "./Ledger.ts";
import { moveFinding } from "./moveFinding.ts";
import { type Occurrence, saidOf, toFinding } from "./raise.ts";

// What waits costs whoever sent it nothing until a block takes it, and may tell of a thousand losses of tokens made for it.
/** Of one transaction those of a detector that are about one address, and of one class and severity. */
const mostOfKind = 8;
/** Of all that wait. */
const mostPredicted = 2_048;

/**
 * What is foretold of all that is said of one transaction. All that may open the gate, or be the graver reason, is a kind of
 * its own; of each kind those of the highest score are.
 */
export function mostTelling<S extends Pick<Occurrence, "use" | "draft">>(said: readonly S[]): readonly S[] {
  const kinds = groupBy(said, ({ use: { meta }, draft }) =>
    JSON.stringify([meta.id, draft.subject, draft.class ?? meta.class, draft.severity]),
  );
  const kept = new Set(
    [...kinds.values()].flatMap((kind) => kind.toSorted((a, b) => b.draft.score - a.draft.score).slice(0, mostOfKind)),
  );
  return said.filter((one) => kept.has(one));
}

/**
 * Makes a predicted finding of a draft below which nobody would act (PRE-01). Undefined where it is less than high, or
 * where the same has happened already, is predicted as badly, or was settled by a person: then there is nothing new to decide.
 */
export function foretell(ledger: Ledger, occurrence: Occurrence): Finding | undefined {
  if (!isAtLeast(occurrence.draft.severity, "high")) return undefined;
  const finding = toFinding(ledger.program, occurrence);
  const awaited = awaitedOf(ledger, occurrence, finding.dedupKey);
  const known = awaited ?? readCase(ledger.cases, "finding", finding.dedupKey);
  const isKnown = known !== undefined && (!isOver(known) || isSettled(finding, awaited));
  if (isKnown && !isWorse(finding, known)) return undefined;
  if (awaited === undefined && !hasRoom(ledger, finding)) return undefined;
  ledger.records.push(finding);
  const isSame = awaited === undefined || awaited.finding.id === finding.id;
  const before = isSame ? known : goOnAs(ledger, awaited, finding, "repeated");
  const work: WorkStatus = before?.work === "acknowledged" ? "acknowledged" : "open";
  const item: FindingCase = {
    finding,
    chain: "predicted",
    work,
    count: (before?.count ?? 0) + 1,
    sequence: before?.sequence ?? -1,
    finality: occurrence.use.meta.finality,
    ...(isSame ? {} : { earlier: [...(awaited.earlier ?? []), awaited.finding] }),
    ...(before?.thread ? { thread: before.thread } : {}),
    topic: topicOf(ledger, occurrence),
  };
  writeCase(ledger.cases, "findingId", finding.id, finding.dedupKey);
  writeCase(ledger.cases, "foretold", item.topic!, finding.dedupKey);
  setStanding(ledger, { predicted: [...new Set([...predictedOf(ledger), finding.dedupKey])] });
  moveFinding(ledger, item, "predicted", { chain: "predicted", work });
  return finding;
}

/**
 * Whether one more may wait; that of the transaction which offers least for its place makes room, as in the queue of those that are to be judged. What
 * an action rests on, a person took, or a probe saw stays.
 */
function hasRoom(ledger: Ledger, { prediction }: Finding): boolean {
  const predicted = predictedOf(ledger);
  if (predicted.length < mostPredicted) return true;
  const causes = new Set<Hex>(causesOfUnsent(ledger));
  const mayGo = predicted.flatMap((key) => {
    const item = readCase(ledger.cases, "finding", key);
    const isProbe = item?.finding.prediction?.nonce === null;
    return item === undefined || isProbe || item.work === "acknowledged" || causes.has(item.finding.id) ? [] : [item];
  });
  const tipOf = ({ finding }: FindingCase) => finding.prediction?.tipWei ?? 0n;
  const least = mayGo.reduce<FindingCase | undefined>(
    (low, item) => (low === undefined || tipOf(item) < tipOf(low) ? item : low),
    undefined,
  );
  const isProbe = prediction?.nonce === null;
  if (least === undefined || !(isProbe || tipOf(least) < (prediction?.tipWei ?? 0n))) return isProbe;
  expire(ledger, ({ finding }) => finding.id === least.finding.id);
  return true;
}

// What happened in history was never told, so that it is news before our eyes.
function isOver({ chain, work, finding }: FindingCase): boolean {
  return chain === "expired" || chain === "retracted" || work === "resolved" || finding.phase === "history";
}

// It is tried on each head while it waits: what a person said of it holds for all of them.
function isSettled({ prediction }: Finding, awaited: FindingCase | undefined): boolean {
  return awaited?.work === "resolved" && awaited.finding.prediction?.tx === prediction?.tx;
}

function isWorse(finding: Finding, { chain, finding: known }: FindingCase): boolean {
  return chain === "predicted" && !isAtLeast(known.severity, finding.severity);
}

/**
 * Ends predictions after `bundle` was judged: those whose transaction is in it and did no harm, whose nonce another one
 * used, or that were waited for long enough. Those that came true went on as findings of the block.
 */
export function settlePredictions(ledger: Ledger, bundle: BlockBundle): boolean {
  return expire(ledger, ({ finding: { prediction } }) => {
    if (prediction === undefined || bundle.ref.number >= prediction.untilBlock) return true;
    const { sender, nonce: awaited } = prediction;
    return awaited !== null && bundle.txs.some(({ from, nonce }) => from === sender && nonce >= awaited);
  });
}

/** Ends predictions that were made on orphaned blocks; what still waits is tried again on the new head. */
export function dropPredictions(ledger: Ledger, orphaned: ReadonlySet<Hex>): boolean {
  return expire(ledger, ({ finding }) => orphaned.has(finding.blockHash));
}

function expire(ledger: Ledger, isGone: (item: FindingCase) => boolean): boolean {
  const predicted = predictedOf(ledger);
  let hasEnded = false;
  const rest = predicted.filter((key) => {
    const item = readCase(ledger.cases, "finding", key);
    if (item?.chain !== "predicted") return false;
    if (!isGone(item)) return true;
    const said = item.work === "open" ? { work: "resolved" as const } : saidOf(item);
    moveFinding(ledger, item, "expired", { chain: "expired", ...said });
    forgetTopic(ledger, item);
    hasEnded = true;
    return false;
  });
  if (rest.length !== predicted.length) setStanding(ledger, { predicted: rest });
  return hasEnded;
}

function predictedOf(ledger: Ledger): readonly Hex[] {
  return standingOf(ledger).predicted ?? [];
}
