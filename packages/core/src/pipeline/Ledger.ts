import type { ActionState, ActionStatus } from "../model/ActionStatus.ts";
import { type Evidence, firstPrevious } from "../model/Evidence.ts";
import type { Hex } from "../model/Hex.ts";
import type { Draft } from "../model/Memory.ts";
import type { Notice } from "../model/Notice.ts";
import type { Command, EvidenceRecord, Remark } from "../model/Output.ts";
import type { Program } from "../model/Program.ts";
import { identify } from "../model/Record.ts";
import { type ActionCase, readCase, type Standing, writeCase } from "./Case.ts";
import { noteAtHand } from "./noteAtHand.ts";
import { noticeOfAction } from "./noticeOfAction.ts";

/** What one step gathers before it is committed as a whole. */
export interface Ledger {
  readonly program: Program;
  readonly cases: Draft;
  readonly records: EvidenceRecord[];
  readonly notices: Notice[];
  readonly commands: Command[];
  /** Dedup keys of findings that are not final, and are not in the standing yet: it is written once for all of them. */
  readonly opened: Set<Hex>;
}

export const emptyStanding: Standing = {
  mode: "shadow",
  frozen: {},
  evidenceSequence: 0,
  evidenceHead: firstPrevious,
  head: null,
  openIncidents: [],
  openActions: [],
  pending: [],
};

export function standingOf(ledger: Ledger): Standing {
  return readCase(ledger.cases, "standing", "") ?? emptyStanding;
}

export function setStanding(ledger: Ledger, change: Partial<Standing>): void {
  writeCase(ledger.cases, "standing", "", { ...standingOf(ledger), ...change });
}

/** Takes the findings that were opened into those of the standing that are not final. */
export function notePending(ledger: Ledger): void {
  if (ledger.opened.size === 0) return;
  setStanding(ledger, { pending: [...new Set([...standingOf(ledger).pending, ...ledger.opened])] });
  ledger.opened.clear();
}

/** Writes down who said or did something that is no finding and no action. */
export function remark(ledger: Ledger, topic: Remark["topic"], actor: string, text: string): Remark {
  const { evidenceSequence } = standingOf(ledger);
  // The sequence makes two equal remarks two records.
  const record = identify({ kind: "Remark" as const, from: [], topic, actor, text, sequence: evidenceSequence });
  ledger.records.push(record);
  return record;
}

/** Closes the step with its link of the chain of evidence. */
export function sealEvidence(ledger: Ledger, input: string, block?: { number: bigint; hash: Hex }): Evidence {
  notePending(ledger);
  const standing = standingOf(ledger);
  const told = ledger.records.flatMap((record) => (record.kind === "Finding" ? [record] : []));
  if (told.length > 0 && standing.head !== null)
    noteAtHand(
      ledger.cases,
      told.map(({ id, dedupKey }) => [id, dedupKey] as const),
      standing.head.timestamp,
    );
  const evidence = identify({
    kind: "Evidence" as const,
    from: ledger.records.map((record) => record.id),
    sequence: standing.evidenceSequence,
    previous: standing.evidenceHead,
    input,
    ...(block ? { blockNumber: block.number, blockHash: block.hash } : {}),
    outcome: ledger.records.length === 0 ? ("no-action" as const) : ("recorded" as const),
  });
  setStanding(ledger, { evidenceSequence: standing.evidenceSequence + 1, evidenceHead: evidence.id });
  return evidence;
}

/** Moves an action to `state`, writes the record and tells people. */
export function moveAction(
  ledger: Ledger,
  item: ActionCase,
  state: ActionState,
  note: string,
  more: Pick<ActionStatus, "txHash" | "blockNumber" | "signers" | "way"> &
    Partial<Pick<ActionCase, "approvals" | "seenIn" | "pausedUntil">> = {},
): ActionCase {
  const { approvals, seenIn, pausedUntil, ...facts } = more;
  const status = identify({
    kind: "ActionStatus" as const,
    from: [item.action.id, ...(approvals ?? []).map((a) => a.id)],
    action: item.action.id,
    state,
    note,
    ...facts,
    sequence: item.sequence + 1,
  });
  const next: ActionCase = {
    ...item,
    state,
    sequence: item.sequence + 1,
    ...(approvals ? { approvals } : {}),
    ...(seenIn ? { seenIn } : {}),
    ...(state === "broadcast" ? { hasLeft: true } : {}),
    ...(pausedUntil === undefined ? {} : { pausedUntil }),
    ...(facts.way === undefined ? {} : { sent: { way: facts.way, ...(facts.txHash ? { txHash: facts.txHash } : {}) } }),
  };
  ledger.records.push(status);
  writeCase(ledger.cases, "action", item.action.id, next);
  ledger.notices.push(noticeOfAction(item.action, status, standingOf(ledger).head));
  return next;
}
