import { type AssetFlow, assetFlowOf } from "../model/AssetFlow.ts";
import type { BlockBundle, Scope } from "../model/BlockBundle.ts";
import { deployedBlocks, openCreations, rememberCreations } from "../model/Creations.ts";
import { type DetectContext, type DetectorUse, looksBack, missingFor, ReadPending } from "../model/Detector.ts";
import type { FindingDraft } from "../model/Finding.ts";
import type { Address } from "../model/Hex.ts";
import { type Cells, type Draft, type Memory, memoryOf, mergeDraft, openDraft } from "../model/Memory.ts";
import { oncePer } from "../model/oncePer.ts";
import type { Prediction } from "../model/PendingTx.ts";
import type { Program } from "../model/Program.ts";
import { assertRecordable, NotRecordable } from "../model/recordable.ts";
import { keyOfRead, type StateAnswer, type StateRead } from "../model/StateRead.ts";
import { soundDraft } from "../model/soundDraft.ts";
import type { TxView } from "../model/TxView.ts";
import { awakeOn } from "./awakeOn.ts";

/** A block under judgement: what is answered and what is done so far. Lives in memory only; after a crash it starts anew. */
export interface Judgement {
  readonly bundle: BlockBundle;
  readonly phase: "history" | "live";
  readonly views: readonly TxView[];
  readonly answers: ReadonlyMap<string, StateAnswer>;
  readonly done: ReadonlyMap<number, Verdict>;
  /** Detectors that were lost with their thread on this block, and are left out of it. */
  readonly isolated: ReadonlyMap<string, NonNullable<Verdict["trouble"]>>;
  readonly rounds: number;
  /** Whether some answers were there before they were asked for, so that there were fewer rounds than questions. */
  readonly isForeseen: boolean;
  /** What all detectors know of earlier blocks: who deployed what. No detector writes here. */
  readonly history: Draft | undefined;
  /** Indices of the detectors that this block concerns, once it is known. The others have no verdict. */
  readonly awake: readonly number[] | undefined;
  /** Set where the block is a pending transaction's, that nobody made. */
  readonly prediction?: Prediction;
}

/** What one detector that ran said about one block. */
export interface Verdict {
  readonly use: DetectorUse;
  readonly drafts: readonly FindingDraft[];
  readonly writes: Draft;
  /** Figures that it measured, for a calibration. */
  readonly observed?: readonly (readonly [series: string, value: number])[];
  readonly trouble?: {
    readonly what: "threw" | "timed-out" | "died" | "not-applicable" | "degraded" | "endless-reads";
    readonly message: string;
  };
}

/** The answer to a read that nobody has asked for yet, where it is known already. */
export type Foreseen = (read: StateRead) => StateAnswer | undefined;

// A detector that asks for more after this many answers asks without end, or a stranger has it ask: what it asks then is not read.
const maxRounds = 12;
/** Questions of one run that may go unread, before it is ended. */
const mostUnread = 1_000;
const unread: StateAnswer = { ok: false, error: `unavailable: asked after ${maxRounds} answers` };

// State is read on demand and windows are kept by the pipeline, so both are there whatever the node offers.
const alwaysThere: readonly Scope[] = ["S", "H"];

/**
 * Opens the judgement of a block.
 *
 * @param fetched Frozen (`freezeDeep`) where detectors that are not our own are handed it one after the other.
 * @param besides Scopes that the pipeline itself adds to what was fetched.
 */
export function openJudgement(
  fetched: BlockBundle,
  phase: "history" | "live",
  ignoredAssets: readonly Address[],
  isolated: Judgement["isolated"] = new Map(),
  besides: readonly Scope[] = alwaysThere,
): Judgement {
  const bundle = Object.freeze({ ...fetched, has: Object.freeze([...new Set([...fetched.has, ...besides])]) });
  return {
    bundle,
    phase,
    views: viewsOf(bundle, new Set(ignoredAssets)),
    answers: new Map(),
    done: new Map(),
    isolated,
    rounds: 0,
    isForeseen: false,
    history: undefined,
    awake: undefined,
  };
}

/**
 * Runs what is not done yet of the detectors that the block concerns. Gives either the reads that are missing or their
 * verdicts; one that the block does not concern has none. What `foreseen` knows is answered within the run, as if it had
 * been asked for: the same verdicts, without running a detector again after each answer.
 */
export function judge(
  program: Program,
  cells: Cells,
  judgement: Judgement,
  onDetector?: (index: number) => void,
  foreseen?: Foreseen,
): { readonly asks: readonly StateRead[]; readonly judgement: Judgement } {
  const done = new Map(judgement.done);
  const asks = new Map<string, StateRead>();
  const watched: ReadonlySet<Address> = new Set(program.watched);
  const history = judgement.history ?? historyOf(program, cells, judgement);
  const awake = judgement.awake ?? awakeOn(program, judgement);
  const isForeseen = judgement.isForeseen || foreseen !== undefined;
  const isLast = judgement.rounds >= maxRounds;
  const answers = openAnswers(judgement.answers, foreseen, isLast);
  const known = { ...judgement, history, awake, isForeseen, answers: answers.known };
  for (const index of awake) {
    if (done.has(index)) continue;
    onDetector?.(index);
    const result = runDetector(program, program.detectors[index]!, watched, cells, known, answers.forRun());
    if ("asks" in result) for (const read of result.asks) asks.set(keyOfRead(read), read);
    else done.set(index, result);
  }
  onDetector?.(-1);
  // Whether so many questions came in too many rounds is only known by asking them in rounds.
  if (isForeseen && answers.mostQuestions() > maxRounds) return judge(program, cells, anew(known), onDetector);
  return { asks: [...asks.values()], judgement: { ...known, done, rounds: judgement.rounds + 1 } };
}

function anew(judgement: Judgement): Judgement {
  return { ...judgement, answers: new Map(), done: new Map(), rounds: 0, isForeseen: false };
}

type ReadAll = (reads: readonly StateRead[]) => readonly StateAnswer[];

/** How one run of a detector reads, and whether anything that it asked was not read. */
interface Reading {
  readonly readAll: ReadAll;
  readonly isUnread: () => boolean;
}

/** The answers to a block's reads, with what was foreseen added as it is asked for; `isLast` where nothing more is asked for. */
function openAnswers(given: ReadonlyMap<string, StateAnswer>, foreseen: Foreseen | undefined, isLast: boolean) {
  // One transaction is judged for up to a thousand subjects with the same answers: they are copied only where some may be added.
  const added = foreseen === undefined ? undefined : new Map(given);
  const known = added ?? given;
  let most = 0;
  const find = (read: StateRead): StateAnswer | undefined => {
    const key = keyOfRead(read);
    const answer = known.get(key) ?? foreseen?.(read);
    if (answer !== undefined) added?.set(key, answer);
    return answer;
  };
  const forRun = (): Reading => {
    let questions = 0;
    let missed = 0;
    const readAll: ReadAll = (reads) => {
      if (reads.length > 0) questions += 1;
      most = Math.max(most, questions);
      const found = reads.map(find);
      const missing = reads.filter((_, i) => found[i] === undefined);
      if (missing.length > 0) missed += 1;
      if (missing.length > 0 && (!isLast || missed > mostUnread)) throw new ReadPending(missing);
      return found.map((answer) => answer ?? unread);
    };
    return { readAll, isUnread: () => missed > 0 };
  };
  return { known, forRun, mostQuestions: () => most };
}

/** Deployments are followed where a detector looks across blocks: one record for all of them. */
function historyOf(program: Program, cells: Cells, { bundle, views }: Judgement): Draft {
  const draft = openDraft(cells);
  if (program.detectors.some(({ meta }) => looksBack(meta)))
    rememberCreations(historyMemory(draft, bundle), views, Number(bundle.ref.number), deployedBlocks);
  return draft;
}

/** What all detectors know of earlier blocks, opened once: it is asked of one block for up to a thousand subjects. */
const creationsIn = oncePer((history: Draft) => openCreations(memoryOf(history, historyPrefix, noTime)));

const historyPrefix = "h/";
// Nothing of it slides with time.
const noTime = 0n;

function historyMemory(draft: Draft, bundle: BlockBundle): Memory {
  return memoryOf(draft, historyPrefix, bundle.ref.timestamp);
}

const askedTooOften = { what: "endless-reads", message: `Asked for state ${maxRounds} times.` } as const;

function runDetector(
  program: Program,
  use: DetectorUse,
  watched: ReadonlySet<Address>,
  cells: Cells,
  judgement: Judgement,
  { readAll, isUnread }: Reading,
): Verdict | { readonly asks: readonly StateRead[] } {
  const none = openDraft(cells);
  const isolated = judgement.isolated.get(use.meta.id);
  if (isolated !== undefined) return { use, drafts: [], writes: none, trouble: isolated };
  const missing = missingFor(use.meta, judgement.bundle.has);
  if (missing.length > 0) {
    const message = `Scope ${missing.join(", ")} is missing from the block.`;
    return { use, drafts: [], writes: none, trouble: { what: "not-applicable", message } };
  }
  const drafts: FindingDraft[] = [];
  const writes = openDraft(cells);
  const observed: [series: string, value: number][] = [];
  try {
    use.detect(contextOf(program, use, watched, judgement, { readAll, writes, drafts, observed }));
    // What cannot be stored would end the stream as it is stored, and at each new start.
    for (const [key, value] of writes.writes) {
      if (key.length > mostOfKey) throw new NotRecordable(key, `below a key of more than ${mostOfKey} characters`);
      assertRecordable(value, key);
    }
    // What it found without is told all the same: who can have it ask so often must not silence it.
    if (isUnread()) return { use, drafts, writes, observed, trouble: askedTooOften };
    const worse = (use.meta.needs.degraded ?? []).filter((scope) => !judgement.bundle.has.includes(scope));
    if (worse.length === 0) return { use, drafts, writes, observed };
    const message = `Judges less well without scope ${worse.join(", ")}.`;
    return { use, drafts, writes, observed, trouble: { what: "degraded", message } };
  } catch (error) {
    if (error instanceof ReadPending) {
      if (judgement.rounds < maxRounds) return { asks: error.reads };
      return { use, drafts: [], writes: none, trouble: askedTooOften };
    }
    return { use, drafts: [], writes: none, trouble: { what: "threw", message: wordsOf(error) } };
  }
}

// What a store's index takes, with room for letters that take several bytes.
const mostOfKey = 400;
// It stands in a finding, which is kept and sent.
const mostWords = 2_000;

/** What `error` says of itself. Anything may be thrown, also what cannot be made a text of. */
function wordsOf(error: unknown): string {
  try {
    return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, mostWords);
  } catch {
    return "something that has no text.";
  }
}

/** What one run of a detector reads from and writes to. */
interface Run {
  readonly readAll: ReadAll;
  readonly writes: Draft;
  readonly drafts: FindingDraft[];
  readonly observed: [series: string, value: number][];
}

function contextOf(
  program: Program,
  use: DetectorUse,
  watched: ReadonlySet<Address>,
  judgement: Judgement,
  { readAll, writes, drafts, observed }: Run,
): DetectContext<unknown> {
  const { bundle, phase, views, history } = judgement;
  return {
    chainId: program.chainId,
    block: bundle,
    phase,
    watched,
    txs: views,
    params: use.settings,
    memory: memoryOf(writes, `d/${use.meta.id}/`, bundle.ref.timestamp),
    ...creationsIn(history ?? openDraft(new Map())),
    readAll,
    read: (read) => readAll([read])[0]!,
    finding: (draft) => void drafts.push(soundDraft(draft)),
    observe: (series, value) => void observed.push([series, value]),
  };
}

function viewsOf(bundle: BlockBundle, ignored: ReadonlySet<string>): readonly TxView[] {
  const logs = bundle.txs.map(() => [] as BlockBundle["logs"][number][]);
  for (const log of bundle.logs) logs[log.txIndex]?.push(log);
  const views = bundle.txs.map((tx, i) => {
    const trace = bundle.traces?.[i];
    let flow: ReturnType<typeof assetFlowOf> | undefined;
    return Object.freeze({
      tx,
      logs: Object.freeze(logs[i]!),
      trace,
      flow: () => {
        flow ??= withoutAssets(assetFlowOf(tx, logs[i]!, trace), ignored);
        return flow;
      },
    });
  });
  return Object.freeze(views);
}

function withoutAssets(flow: AssetFlow, ignored: ReadonlySet<string>): AssetFlow {
  if (ignored.size === 0) return flow;
  const kept = ([asset]: readonly [string, bigint]) => !ignored.has(asset);
  return {
    ...flow,
    net: new Map([...flow.net].map(([address, assets]) => [address, new Map([...assets].filter(kept))])),
    unbalanced: new Set([...flow.unbalanced].filter((asset) => !ignored.has(asset))),
  };
}

/** All detectors' writes, and what is kept for all of them, as one draft. Their keys do not overlap. */
export function writesOf(cells: Cells, history: Draft | undefined, verdicts: Iterable<Verdict>): Draft {
  const all = openDraft(cells);
  if (history !== undefined) mergeDraft(all, history);
  for (const verdict of verdicts) mergeDraft(all, verdict.writes);
  return all;
}
