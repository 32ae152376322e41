// The only path from chain event to evidence. `step` is pure: no clock, network, disk or randomness. Live run, back-fill,
// replay, drill and test are this function over different inputs.
//
// The state is moved, not copied: pass it once and go on with the one returned. A step either changes nothing (`ask`, or
// an exception) or changes everything that its commit names.
import { waitsForFinal } from "./governance/finalityOf.ts";
import type { BlockRef } from "./model/BlockBundle.ts";
import type { ChainEvent } from "./model/ChainEvent.ts";
import type { DetectorUse } from "./model/Detector.ts";
import type { Finding, FindingDraft } from "./model/Finding.ts";
import { freezeDeep } from "./model/freezeDeep.ts";
import type { Hex } from "./model/Hex.ts";
import type { Input } from "./model/Input.ts";
import {
  applyDraft,
  applyUndo,
  type Cells,
  type Draft,
  memoryOf,
  mergeDraft,
  openDraft,
  type Undo,
} from "./model/Memory.ts";
import type { Commit, Foretold, Output } from "./model/Output.ts";
import { type Prediction, predictionBlocks } from "./model/PendingTx.ts";
import type { Program } from "./model/Program.ts";
import {
  causesOfUnsent,
  decideIncident,
  dropSettled,
  dropUnfounded,
  killActions,
  onApproval,
  onEffect,
  onSimulation,
  releaseDue,
  resumeActions,
  reviewAfterReorg,
  watchEffects,
} from "./pipeline/act.ts";
import { noteTies } from "./pipeline/actorGraph.ts";
import { readCase, type Standing } from "./pipeline/Case.ts";
import { changeRules } from "./pipeline/changeRules.ts";
import { composeBlock, type Raised, reviewComposites } from "./pipeline/composite.ts";
import { onDerived } from "./pipeline/derive.ts";
import { endTroubles } from "./pipeline/endTroubles.ts";
import { dropPredictions, foretell, mostTelling, settlePredictions } from "./pipeline/foretell.ts";
import { group, noteAcknowledged, settleIncidents } from "./pipeline/group.ts";
import { type Foreseen, type Judgement, judge, openJudgement, type Verdict, writesOf } from "./pipeline/judge.ts";
import { emptyStanding, type Ledger, remark, sealEvidence, setStanding, standingOf } from "./pipeline/Ledger.ts";
import { moveFinding } from "./pipeline/moveFinding.ts";
import { noteTrouble } from "./pipeline/noteTrouble.ts";
import { probeFindings } from "./pipeline/probeFindings.ts";
import { confirm, raise, retract } from "./pipeline/raise.ts";
import { noteMark, onReview } from "./pipeline/review.ts";
import { selfHealth, troubleDraft } from "./pipeline/selfHealth.ts";
import { shelveCases, takeFromShelf } from "./pipeline/shelve.ts";
import { takeReport } from "./pipeline/takeReport.ts";
import { trackBudget } from "./pipeline/trackBudget.ts";

/** Everything the pipeline knows. `cells` and `undo` are stored; `judgement` is not and is made anew after a crash. */
export interface PipelineState {
  readonly cells: Cells;
  readonly undo: Undo[];
  judgement: Judgement | undefined;
  /** Detectors that are left out of a block that is judged again (DET-05). */
  isolated: { readonly blockHash: Hex; readonly detectors: Judgement["isolated"] } | undefined;
}

export interface Stepped {
  readonly state: PipelineState;
  readonly outputs: readonly Output[];
}

/** A state from stored cells and undo entries (oldest first), or an empty one. */
export function openState(
  cells: Iterable<readonly [string, Cells extends Map<string, infer V> ? V : never]> = [],
  undo: readonly Undo[] = [],
): PipelineState {
  return { cells: new Map(cells), undo: [...undo], judgement: undefined, isolated: undefined };
}

/** The pipeline's standing: mode, head, what is open. */
export function readStanding(state: PipelineState): Standing {
  return readCase(openDraft(state.cells), "standing", "") ?? emptyStanding;
}

/**
 * Takes one input. `onDetector` is told the index of the detector that runs next (-1: none), so that a watchdog can name
 * one that never returns; `onFault` of each detector that did not judge a block as it should, every time, where a
 * finding says it once an hour. `foreseen` answers what a block's detectors ask before they have to ask for it. None has an
 * influence on the result.
 *
 * Throws StreamBroken when a block does not follow on the last one.
 */
export function step(
  program: Program,
  state: PipelineState,
  input: Input,
  onDetector?: (index: number) => void,
  onFault?: (detector: string, trouble: NonNullable<Verdict["trouble"]>) => void,
  foreseen?: Foreseen,
): Stepped {
  const kept = { records: [], notices: [], commands: [], opened: new Set<Hex>() };
  const ledger: Ledger = { program, cases: openDraft(state.cells), ...kept };
  switch (input.kind) {
    case "block":
      assertFollows(readStanding(state).head, input);
      state.judgement = openJudgement(
        freezeDeep(input.bundle),
        input.phase,
        program.ignoredAssets ?? [],
        isolatedOn(state, input.bundle.ref.hash),
      );
      return judgeOn(ledger, state, onDetector, onFault, foreseen);
    case "pending": {
      const { bundle, prediction } = input;
      if (readStanding(state).head?.hash !== bundle.ref.parentHash)
        return { state, outputs: [{ kind: "foretold", tx: prediction.tx, isStale: true, findings: [] }] };
      const isolated = isolatedOn(state, bundle.ref.hash);
      state.judgement = {
        ...openJudgement(freezeDeep(bundle), "live", program.ignoredAssets ?? [], isolated),
        prediction,
      };
      return judgeOn(ledger, state, onDetector, onFault);
    }
    case "probe":
      onProbe(ledger, input);
      break;
    case "report":
      takeReport(ledger, input);
      break;
    case "detectorLost":
      // Comes before the block is given again: the thread that judged it is gone, and its judgement with it.
      isolate(state, input);
      return { state, outputs: [] };
    case "reads":
      state.judgement = withAnswer(state.judgement, input);
      return judgeOn(ledger, state, onDetector, onFault);
    case "reorg":
      return onReorg(ledger, state, input);
    case "finalize":
      return onFinalize(ledger, state, input);
    case "trouble":
      noteTrouble(ledger, input);
      break;
    case "simulation":
      onSimulation(ledger, input);
      break;
    case "derived":
      onDerived(ledger, input);
      break;
    case "approval":
      onApproval(ledger, input);
      break;
    case "effect":
      onEffect(ledger, input);
      break;
    case "rules":
      changeRules(ledger, input);
      break;
    case "mode":
      setStanding(ledger, { mode: input.mode });
      remark(ledger, "mode", input.actor, `${input.mode}: ${input.reason}`);
      if (input.mode === "killed") killActions(ledger);
      if (input.mode === "armed") resumeActions(ledger);
      break;
    case "acknowledge":
    case "resolve":
      onJudged(ledger, input);
      break;
    case "review":
      onReview(ledger, input);
      break;
    default:
      never(input);
  }
  return commit(ledger, state, input.kind, null);
}

function judgeOn(
  ledger: Ledger,
  state: PipelineState,
  onDetector?: (index: number) => void,
  onFault?: (detector: string, trouble: NonNullable<Verdict["trouble"]>) => void,
  foreseen?: Foreseen,
): Stepped {
  const { asks, judgement } = judge(ledger.program, state.cells, state.judgement!, onDetector, foreseen);
  state.judgement = judgement;
  if (asks.length > 0) return { state, outputs: [{ kind: "ask", ref: judgement.bundle.ref, reads: asks }] };
  state.judgement = undefined;
  const verdicts = [...judgement.done].sort(([a], [b]) => a - b).map(([, verdict]) => verdict);
  for (const { use, trouble } of verdicts) if (trouble !== undefined) onFault?.(use.meta.id, trouble);
  if (judgement.prediction !== undefined) return closePending(ledger, state, judgement, judgement.prediction, verdicts);
  return closeBlock(ledger, state, judgement, verdicts);
}

// What detectors wrote down is dropped: it did not happen. Where they have nothing to say nothing is kept either; a pool
// shows more transactions than a chain takes, and each one's block is judged anyway.
function closePending(
  ledger: Ledger,
  state: PipelineState,
  { bundle }: Judgement,
  prediction: Prediction,
  verdicts: readonly Verdict[],
): Stepped {
  const head = standingOf(ledger).head!;
  const said = verdicts.flatMap(({ use, drafts }) => drafts.map((draft) => ({ use, draft })));
  const foretold = mostTelling(said).flatMap(
    ({ use, draft }) => foretell(ledger, { use, draft, ref: head, phase: "live", prediction }) ?? [],
  );
  for (const id of group(ledger, foretold)) decideIncident(ledger, readCase(ledger.cases, "incident", id)!, head);
  const told: Foretold = {
    kind: "foretold",
    tx: bundle.txs[0]!.hash,
    isStale: false,
    findings: said.map(({ use, draft: { severity, score, reason, subject } }) => ({
      detector: use.meta.id,
      severity,
      score,
      reason,
      subject,
    })),
  };
  if (ledger.records.length === 0) return { state, outputs: [told] };
  return { state, outputs: [...commit(ledger, state, "pending", null).outputs, told] };
}

function closeBlock(ledger: Ledger, state: PipelineState, judgement: Judgement, verdicts: readonly Verdict[]): Stepped {
  const { bundle, phase } = judgement;
  setStanding(ledger, { head: bundle.ref });
  const raised: Raised[] = [];
  const take = (use: DetectorUse, draft: FindingDraft) => {
    const finding = raise(ledger, { use, draft, ref: bundle.ref, phase });
    if (finding !== undefined) raised.push({ finding, meta: use.meta });
  };
  for (const { use, drafts, trouble } of verdicts) {
    for (const draft of drafts) take(use, draft);
    if (trouble !== undefined) take(selfHealth, troubleDraft(use.meta.id, trouble));
  }
  const { program } = ledger;
  const kept = openDraft(state.cells);
  if (program.calibration !== undefined) {
    const used = trackBudget(program.calibration, state.cells, judgement, verdicts);
    mergeDraft(kept, used.writes);
    for (const draft of used.drifts) take(selfHealth, draft);
  }
  const composites: Finding[] = [];
  if (program.composite !== undefined) {
    const ties = memoryOf(kept, "g/", bundle.ref.timestamp);
    noteTies(ties, judgement.views, new Set(program.watched), bundle.ref.timestamp);
    composites.push(...composeBlock({ ledger, ties, ref: bundle.ref, phase }, raised, bundle));
  }
  const touched = group(ledger, [...raised.map(({ finding }) => finding), ...composites]);
  watchEffects(ledger, bundle);
  if (settlePredictions(ledger, bundle)) dropUnfounded(ledger, "what it was to forestall did not come");
  releaseDue(ledger);
  // An incident is looked at again at every block while it is open: cool-off ends, a policy expires, damage shows later.
  for (const id of new Set([...touched, ...standingOf(ledger).openIncidents])) {
    const incident = readCase(ledger.cases, "incident", id);
    if (incident !== undefined && incident.state !== "resolved") decideIncident(ledger, incident, bundle.ref);
  }
  settleIncidents(ledger, bundle.ref.timestamp);
  endTroubles(ledger, bundle.ref.timestamp);
  confirm(
    ledger,
    (item) => item.finality !== "finalized" && bundle.ref.number - item.finding.blockNumber >= BigInt(item.finality),
  );
  shelveCases(ledger, bundle.ref.timestamp);
  return commit(ledger, state, "block", {
    ref: bundle.ref,
    memory: withKept(writesOf(state.cells, judgement.history, verdicts), kept),
  });
}

function withKept(writes: Draft, kept: Draft): Draft {
  mergeDraft(writes, kept);
  return writes;
}

function onReorg(ledger: Ledger, state: PipelineState, input: Extract<ChainEvent, { kind: "reorg" }>): Stepped {
  const orphaned = new Set(input.orphaned.map((ref) => ref.hash));
  const restored: Commit["cells"][number][] = [];
  let popped = 0;
  // Blocks older than the oldest undo entry are final for us; the stream stops before that (STREAM-03).
  for (let last = state.undo.at(-1); last !== undefined && orphaned.has(last.ref.hash); last = state.undo.at(-1)) {
    applyUndo(state.cells, last);
    restored.push(...last.before);
    state.undo.pop();
    popped += 1;
  }
  setStanding(ledger, { head: input.ancestor });
  remark(
    ledger,
    "reorg",
    "chain",
    `${input.orphaned.length} blocks above ${input.ancestor.number} ${input.ancestor.hash} were orphaned`,
  );
  retract(ledger, orphaned, input.ancestor, causesOfUnsent(ledger));
  if (ledger.program.composite !== undefined) {
    const ties = memoryOf(openDraft(state.cells), "g/", input.ancestor.timestamp);
    group(ledger, reviewComposites({ ledger, ties, ref: input.ancestor }));
  }
  dropPredictions(ledger, orphaned);
  reviewAfterReorg(ledger, orphaned);
  settleIncidents(ledger, input.ancestor.timestamp);
  return commit(ledger, state, "reorg", { popped, restored, ref: input.ancestor });
}

function onFinalize(ledger: Ledger, state: PipelineState, input: Extract<ChainEvent, { kind: "finalize" }>): Stepped {
  if (input.tag !== "finalized") return { state, outputs: [] };
  confirm(ledger, (item) => item.finality === "finalized" && item.finding.blockNumber <= input.ref.number);
  if (waitsForFinal(ledger.program.policy)) {
    setStanding(ledger, { finalized: input.ref.number });
    releaseDue(ledger);
  }
  const oldest = state.undo.findIndex((undo) => undo.ref.number > input.ref.number);
  const drop = oldest === -1 ? state.undo.length : oldest;
  if (drop === 0 && ledger.records.length === 0 && ledger.cases.writes.size === 0) return { state, outputs: [] };
  state.undo.splice(0, drop);
  return commit(ledger, state, "finalize", { dropped: drop });
}

function onProbe(ledger: Ledger, { kind: _, ...found }: Extract<Input, { kind: "probe" }>): void {
  const { head } = standingOf(ledger);
  if (head === null) return;
  const { contract, deployer, creation, subject, reason, callHash, calls, sealed } = found;
  const finding = foretell(ledger, {
    use: probeFindings,
    ref: head,
    phase: "live",
    prediction: {
      tx: creation,
      sender: deployer,
      nonce: null,
      tipWei: 0n,
      maxFeeWei: 0n,
      untilBlock: head.number + predictionBlocks,
    },
    draft: {
      severity: "critical",
      reason,
      subject,
      addresses: [contract, deployer],
      txHash: creation,
      key: [contract],
      score: 1,
      evidence: { contract, deployer, creation, callHash, calls, ...(sealed === undefined ? {} : { sealed }) },
    },
  });
  for (const id of group(ledger, finding === undefined ? [] : [finding]))
    decideIncident(ledger, readCase(ledger.cases, "incident", id)!, head);
}

function onJudged(ledger: Ledger, input: Extract<Input, { kind: "acknowledge" | "resolve" }>): void {
  const item = takeFromShelf(ledger, input);
  if (item === undefined) return;
  const { actor, note } = input;
  remark(ledger, input.kind, actor, `${input.finding}: ${note}`);
  // Whoever resolves it has seen it.
  const { head } = standingOf(ledger);
  if (item.work !== "resolved" && head !== null) noteAcknowledged(ledger, item.finding.dedupKey, head.timestamp);
  if (input.kind === "acknowledge" && item.work === "open")
    moveFinding(ledger, item, "acknowledged", { chain: item.chain, work: "acknowledged", actor, note });
  if (input.kind === "resolve" && item.work !== "resolved") {
    const { kind: _, finding: __, shelved: ___, ...said } = input;
    noteMark(ledger, item, moveFinding(ledger, item, "resolved", { chain: item.chain, work: "resolved", ...said }));
    dropSettled(ledger);
  }
}

interface Change {
  readonly ref?: BlockRef;
  readonly memory?: Draft;
  readonly popped?: number;
  /** What a reorg put back into the cells, in the order of undoing. */
  readonly restored?: Commit["cells"];
  readonly dropped?: number;
}

function commit(ledger: Ledger, state: PipelineState, kind: Input["kind"], change: Change | null): Stepped {
  const evidence = sealEvidence(ledger, kind, change?.ref);
  const cells: Commit["cells"] = [...(change?.memory?.writes ?? change?.restored ?? []), ...ledger.cases.writes];
  let undo: Commit["undo"] = null;
  if (change?.memory && change.ref) {
    const push = applyDraft(state.cells, change.memory, change.ref);
    state.undo.push(push);
    undo = { push };
  } else if (change?.popped) undo = { popNewest: change.popped };
  else if (change?.dropped) undo = { dropOldest: change.dropped };
  for (const [key, value] of ledger.cases.writes) {
    if (value === undefined) state.cells.delete(key);
    else state.cells.set(key, value);
  }
  const { records, notices, commands } = ledger;
  const body: Commit = {
    kind: "commit",
    evidence,
    records,
    notices,
    cells,
    undo,
    ...(change?.ref ? { cursor: change.ref } : {}),
  };
  return { state, outputs: [body, ...commands] };
}

function withAnswer(judgement: Judgement | undefined, input: Extract<Input, { kind: "reads" }>): Judgement {
  if (judgement === undefined || judgement.bundle.ref.hash !== input.blockHash)
    throw new StreamBroken(
      `Answers for block ${input.blockHash} came while ${judgement?.bundle.ref.hash ?? "no block"} is judged.`,
    );
  return { ...judgement, answers: new Map([...judgement.answers, ...input.answers]) };
}

function isolate(state: PipelineState, input: Extract<Input, { kind: "detectorLost" }>): void {
  const { detector, blockHash, what, message } = input;
  const detectors = new Map(isolatedOn(state, blockHash)).set(detector, { what, message });
  state.isolated = { blockHash, detectors };
}

function isolatedOn(state: PipelineState, blockHash: Hex): Judgement["isolated"] {
  return state.isolated?.blockHash === blockHash ? state.isolated.detectors : new Map();
}

function assertFollows(head: BlockRef | null, event: Extract<ChainEvent, { kind: "block" }>): void {
  const { ref } = event.bundle;
  if (head !== null && ref.parentHash !== head.hash)
    throw new StreamBroken(
      `Block ${ref.number} ${ref.hash} has parent ${ref.parentHash}, the last block is ${head.hash}.`,
    );
}

function never(input: never): never {
  throw new TypeError(`Unknown input ${JSON.stringify(input)}.`);
}

/** The driver fed inputs out of order. Not retryable: resume from the stored cursor. */
export class StreamBroken extends Error {
  override readonly name = "StreamBroken";
  constructor(what: string) {
    super(
      `${what}\n- Blocks follow on each other, or a reorg comes between them (STREAM-02).\n- Restart from the stored cursor.`,
    );
  }
}
