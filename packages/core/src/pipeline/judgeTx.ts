import { zeroConfigDetectors } from "../detectors/zeroConfig.ts";
import { actorCluster, madeIn } from "../model/ActorCluster.ts";
import { zeroAddress } from "../model/Asset.ts";
import type { Scope } from "../model/BlockBundle.ts";
import { walk } from "../model/CallTree.ts";
import { missingFor } from "../model/Detector.ts";
import { type FindingDraft, isAtLeast, mostSevere, type Severity } from "../model/Finding.ts";
import { type Address, toLower } from "../model/Hex.ts";
import type { Program } from "../model/Program.ts";
import { keyOfRead, type StateAnswer, type StateRead } from "../model/StateRead.ts";
import type { TxView } from "../model/TxView.ts";
import { type Judgement, judge, openJudgement, type Verdict } from "./judge.ts";
import { bundleOfTx, type TxCase } from "./TxCase.ts";

export type { TxCase } from "./TxCase.ts";

export interface JudgeTxOptions {
  /**
   * Judged as protected, together. Without any, each party but the sender and what was created here is judged for itself:
   * the contract that was called first, too, which may be the victim; where it is not judged it counts as an actor.
   */
  readonly protect?: readonly Address[];
  /** Answers reads of the state before (`parent`) and after (`block`) the transaction, in order. Absent: no state. */
  readonly answer?: (reads: readonly StateRead[]) => readonly StateAnswer[] | Promise<readonly StateAnswer[]>;
}

/** What the production detectors say about one transaction. */
export interface TxJudgement {
  /** Whether a finding is high or critical. */
  readonly detected: boolean;
  readonly severity: Severity | null;
  /** Most severe first. */
  readonly findings: readonly TxFinding[];
  /** Detectors that lacked a scope: their silence says nothing (STREAM-08). */
  readonly notJudged: readonly string[];
  /** Detectors that broke down, with the reason: theirs says nothing either, and is our fault (DET-05). */
  readonly failed: readonly { readonly detector: string; readonly message: string }[];
}

export interface TxFinding {
  readonly detector: string;
  readonly severity: Severity;
  /** 0..1, comparable within one detector. */
  readonly score: number;
  readonly reason: string;
  /** The address that it is about. */
  readonly subject: Address;
}

/**
 * Judges one transaction by itself with the zero-configuration detectors, through the same `judge` as a block of a chain.
 * No history is known: nothing is remembered before or after. A detector that lacks a scope, or fails, is named.
 * Rejects with what `answer` throws.
 */
export async function judgeTx(one: TxCase, options: JudgeTxOptions = {}): Promise<TxJudgement> {
  const scopes: Scope[] = options.answer === undefined ? [] : ["S"];
  const opened = openJudgement(bundleOfTx(one), "live", [], new Map(), scopes);
  const view = opened.views[0]!;
  const protect = options.protect?.map(toLower) ?? [];
  const sets = protect.length > 0 ? [protect] : subjectsOf(view).map((address) => [address]);
  // What a detector lacks for one address it lacks for all of them.
  const all = zeroConfigDetectors();
  const detectors = all.filter(({ meta }) => missingFor(meta, opened.bundle.has).length === 0);
  let open = sets.map((watched): Open => {
    const program: Program = { chainId: one.chainId ?? 1, watched, detectors, playbooks: [], policy: null };
    return { program, judgement: opened };
  });
  const drafts: Draft[] = [];
  const failures = new Map<string, Trouble>();
  let history: Judgement["history"];
  const answers = new Map<string, StateAnswer>();
  while (open.length > 0) {
    const asks = new Map<string, StateRead>();
    const waiting: Open[] = [];
    for (const { program, judgement } of open) {
      const result = judge(program, new Map(), { ...judgement, answers, history });
      history ??= result.judgement.history;
      for (const read of result.asks) asks.set(keyOfRead(read), read);
      if (result.asks.length > 0) waiting.push({ program, judgement: result.judgement });
      else {
        drafts.push(...draftsOf(result.judgement));
        // A failure over one address is told, whatever is said of the others.
        for (const [detector, trouble] of failuresOf(result.judgement)) failures.set(detector, trouble);
      }
    }
    const reads = [...asks.values()];
    const given = reads.length === 0 ? [] : await options.answer!(reads);
    reads.forEach((read, i) => void answers.set(keyOfRead(read), given[i]!));
    open = waiting;
  }
  return {
    ...judgementOf(drafts),
    notJudged: all.filter((use) => !detectors.includes(use)).map(({ meta }) => meta.id),
    failed: [...failures].map(([detector, { message }]) => ({ detector, message })),
  };
}

type Trouble = NonNullable<Verdict["trouble"]>;

interface Open {
  readonly program: Program;
  readonly judgement: Judgement;
}

interface Draft {
  readonly detector: string;
  readonly draft: FindingDraft;
}

function draftsOf(judgement: Judgement): Draft[] {
  return [...judgement.done.values()].flatMap(({ use, drafts }) =>
    drafts.map((draft) => ({ detector: use.meta.id, draft })),
  );
}

function failuresOf(judgement: Judgement): (readonly [string, Trouble])[] {
  return [...judgement.done.values()].flatMap(({ use, trouble }) =>
    trouble === undefined || trouble.what === "degraded" ? [] : [[use.meta.id, trouble] as const],
  );
}

/** Of what one detector says under one key, about several addresses, the most severe is told. */
function judgementOf(drafts: readonly Draft[]): Pick<TxJudgement, "detected" | "severity" | "findings"> {
  const told = new Map<string, Draft>();
  for (const one of drafts) {
    const key = `${one.detector}|${one.draft.key.join("|")}`;
    const other = told.get(key)?.draft;
    if (other === undefined || isWorse(one.draft, other)) told.set(key, one);
  }
  const findings = [...told.values()]
    .sort((a, b) => Number(isWorse(b.draft, a.draft)) - Number(isWorse(a.draft, b.draft)))
    .map(({ detector, draft: { severity, score, reason, subject } }) => ({
      detector,
      severity,
      score,
      reason,
      subject,
    }));
  const severity = mostSevere(findings.map((f) => f.severity)) ?? null;
  return { detected: severity !== null && isAtLeast(severity, "high"), severity, findings };
}

function isWorse(a: FindingDraft, b: FindingDraft): boolean {
  return a.severity === b.severity ? a.score > b.score : isAtLeast(a.severity, b.severity);
}

// Judging goes once over the transaction for each subject. A block's gas lets an attacker call this many and more.
const mostSubjects = 1_000;
// Whoever is judged is no actor: for each one that would be, the whole transaction is read anew.
const mostActors = 16;

/**
 * Who could be harmed, beside the sender and what was created: who lost an asset, then whose code ran in earnest, then who
 * emitted. Of more than 1,000 the first are judged; the signs of the call tree are told of any of them.
 */
function subjectsOf(view: TxView): Address[] {
  const passed = new Set<Address>([zeroAddress, view.tx.from, ...madeIn(view)]);
  const parties = new Set<Address>();
  for (const [party, own] of view.flow().net) if ([...own.values()].some((n) => n < 0n)) parties.add(party);
  for (const { isStatic, reverted, frame, context } of walk(view.trace!))
    if (!isStatic && !reverted && (frame.input !== "0x" || frame.calls.length > 0)) parties.add(context);
  for (const log of view.logs) parties.add(log.address);
  const actors = actorCluster(view, new Set());
  let spared = 0;
  const isJudged = (a: Address) => !passed.has(a) && (!actors.has(a) || ++spared <= mostActors);
  return [...parties].filter(isJudged).slice(0, mostSubjects);
}
