// Commits as a pipeline makes them, for tests: a right chain of evidence over findings with notices.
import type { Action, PauseAction } from "@testudo/core/model/Action";
import type { ActionState, ActionStatus } from "@testudo/core/model/ActionStatus";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { type Evidence, firstPrevious } from "@testudo/core/model/Evidence";
import type { Finding } from "@testudo/core/model/Finding";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import type { Hex } from "@testudo/core/model/Hex";
import type { Notice } from "@testudo/core/model/Notice";
import type { Commit, EvidenceRecord } from "@testudo/core/model/Output";
import { hashOf, identify } from "@testudo/core/model/Record";

export const subject: Hex = `0x${"ab".repeat(20)}`;

export function blockRef(number: number, fork = 0): BlockRef {
  const hash = (n: number) => hashOf(["block", n, fork]);
  return {
    number: BigInt(number),
    hash: hash(number),
    parentHash: hash(number - 1),
    timestamp: 1_700_000_000n + BigInt(number),
  };
}

/** A block on `parent`, another one for each name. */
export function childOf(parent: BlockRef, name: string): BlockRef {
  return {
    number: parent.number + 1n,
    hash: hashOf([name, parent.hash]),
    parentHash: parent.hash,
    timestamp: parent.timestamp + 1n,
  };
}

export function finding(number: number, reason = "Half of the vault left in one transaction."): Finding {
  const ref = blockRef(number);
  return identify({
    kind: "Finding",
    from: [],
    dedupKey: hashOf(["key", number]),
    detector: "outflow",
    version: "1.0.0",
    class: "damage",
    hard: false,
    severity: "critical",
    reason,
    chainId: 31337,
    blockNumber: ref.number,
    blockHash: ref.hash,
    timestamp: ref.timestamp,
    phase: "live",
    subject,
    addresses: [subject],
    score: 0.5,
    evidence: { net: 12_345_678_901_234_567_890n },
    runbook: "RUNBOOK.md#it-paged",
    owner: "security",
  } as const);
}

export function findingStatus(
  of: Finding,
  transition: FindingStatus["transition"] = "raised",
  sequence = 0,
): FindingStatus {
  const work = transition === "acknowledged" ? "acknowledged" : transition === "retracted" ? "resolved" : "open";
  const chain = transition === "retracted" ? "retracted" : "pending";
  const { blockNumber, blockHash } = of;
  return identify({
    kind: "FindingStatus",
    from: [of.id],
    finding: of.id,
    transition,
    chain,
    work,
    sequence,
    blockNumber,
    blockHash,
  } as const);
}

export function notice(of: Finding, transition = "raised", severity: Notice["severity"] = of.severity): Notice {
  const { chainId, blockNumber, blockHash, detector, runbook } = of;
  return {
    kind: "Notice",
    id: hashOf([of.dedupKey, transition]),
    thread: of.dedupKey,
    topic: "finding",
    transition,
    severity,
    title: `${transition}: ${of.reason}`,
    body: of.reason,
    chainId,
    blockNumber,
    blockHash,
    subject,
    detector,
    record: of.id,
    runbook,
  };
}

export function action(name: string, chainId = 31337): PauseAction {
  const id = (part: string) => hashOf([name, part]);
  return identify({
    kind: "Action",
    from: [id("decision")],
    type: "pause",
    chainId,
    council: `0x${"c0".repeat(20)}`,
    target: subject,
    selectors: ["0x2e1a7d4d"],
    until: 1_700_021_600n,
    reason: id("reason"),
    evidence: id("decision"),
    deadline: 1_700_000_600n,
    incident: id("incident"),
    anomaly: id("anomaly"),
    damage: id("damage"),
    quorum: 2,
    playbook: "pauseWithdrawals",
  } as const);
}

export function actionStatus(of: Action, state: ActionState, sequence = 0): ActionStatus {
  return identify({
    kind: "ActionStatus",
    from: [of.id],
    action: of.id,
    state,
    note: `now ${state}`,
    sequence,
  } as const);
}

/** What a commit holds beside its link of evidence. */
export type CommitParts = Partial<Omit<Commit, "kind" | "evidence">>;

/** Links commits to each other. `link` makes the next; `block` one with `notices` findings and their notices. */
export function chainOf(head: { sequence: number; id: Hex } = { sequence: -1, id: firstPrevious }) {
  let { sequence, id } = head;
  const link = (parts: CommitParts = {}, input = "block"): Commit => {
    const records: readonly EvidenceRecord[] = parts.records ?? [];
    const evidence: Evidence = identify({
      kind: "Evidence",
      from: records.map((record) => record.id),
      sequence: ++sequence,
      previous: id,
      input,
      outcome: records.length > 0 ? "recorded" : "no-action",
    } as const);
    id = evidence.id;
    return { kind: "commit", notices: [], cells: [], undo: null, ...parts, evidence, records };
  };
  const block = (number: number, alerts = 0): Commit => {
    const ref = blockRef(number);
    const found = Array.from({ length: alerts }, (_, i) => finding(number * 1000 + i));
    return link({
      records: found.flatMap((f) => [f, findingStatus(f)]),
      notices: found.map((f) => notice(f)),
      cells: [
        ["count", number],
        [`window/${number % 7}`, { total: BigInt(number) * 10n ** 20n }],
      ],
      undo: { push: { ref, before: [["count", number - 1]] } },
      cursor: ref,
    });
  };
  return { link, block };
}
