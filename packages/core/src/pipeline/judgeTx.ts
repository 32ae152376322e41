import { zeroConfigDetectors } from "../detectors/zeroConfig.ts";
import { madeIn } from "../model/ActorCluster.ts";
import { zeroAddress } from "../model/Asset.ts";
import type { Scope } from "../model/BlockBundle.ts";
import { walk } from "../model/CallTree.ts";
import { type FindingDraft, isAtLeast, mostSevere, type Severity } from "../model/Finding.ts";
import { type Address, toLower } from "../model/Hex.ts";
import type { Program } from "../model/Program.ts";
import { keyOfRead, type StateAnswer, type StateRead } from "../model/StateRead.ts";
import type { TxView } from "../model/TxView.ts";
import { type Judgement, judge, openJudgement } from "./judge.ts";
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
 * No history is known: nothing is remembered before or after. A detector that lacks a scope is silent.
 * Rejects with what `answer` throws.
 */
export async function judgeTx(one: TxCase, options: JudgeTxOptions = {}): Promise<TxJudgement> {
  const scopes: Scope[] = options.answer === undefined ? [] : ["S"];
  const opened = openJudgement(bundleOfTx(one), "live", [], new Map(), scopes);
  const view = opened.views[0]!;
  const protect = options.protect?.map(toLower) ?? [];
  const sets = protect.length > 0 ? [protect] : subjectsOf(view).map((address) => [address]);
  const detectors = zeroConfigDetectors();
  let open = sets.map((watched): Open => {
    const program: Program = { chainId: one.chainId ?? 1, watched, detectors, playbooks: [], policy: null };
    return { program, judgement: opened };
  });
  const drafts: Draft[] = [];
  const answers = new Map<string, StateAnswer>();
  while (open.length > 0) {
    const asks = new Map<string, StateRead>();
    const waiting: Open[] = [];
    for (const { program, judgement } of open) {
      const result = judge(program, new Map(), { ...judgement, answers });
      for (const read of result.asks) asks.set(keyOfRead(read), read);
      if (result.asks.length > 0) waiting.push({ program, judgement: result.judgement });
      else drafts.push(...draftsOf(result.judgement));
    }
    const reads = [...asks.values()];
    const given = reads.length === 0 ? [] : await options.answer!(reads);
    reads.forEach((read, i) => void answers.set(keyOfRead(read), given[i]!));
    open = waiting;
  }
  return judgementOf(drafts);
}

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

/** Of what one detector says under one key, about several addresses, the most severe is told. */
function judgementOf(drafts: readonly Draft[]): TxJudgement {
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

/** Who took part beside the sender and what was created: whose code ran in earnest, who moved an asset, who emitted. */
function subjectsOf(view: TxView): Address[] {
  const made = new Set(madeIn(view));
  const parties = new Set<Address>(view.flow().net.keys());
  for (const visit of walk(view.trace!)) if (!visit.isStatic && !visit.reverted) parties.add(visit.context);
  for (const log of view.logs) parties.add(log.address);
  return [...parties].filter((a) => a !== zeroAddress && a !== view.tx.from && !made.has(a));
}
