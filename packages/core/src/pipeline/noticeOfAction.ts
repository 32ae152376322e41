import type { Action } from "../model/Action.ts";
import type { ActionState, ActionStatus } from "../model/ActionStatus.ts";
import type { BlockRef } from "../model/BlockBundle.ts";
import { countOf } from "../model/countOf.ts";
import { firstPrevious } from "../model/Evidence.ts";
import type { Severity } from "../model/Finding.ts";
import type { Notice } from "../model/Notice.ts";
import { hashOf } from "../model/Record.ts";

const loud: readonly ActionState[] = ["simulation-failed", "failed", "dropped", "stale", "killed", "rejected"];

/** What people are told of `status`, a step in the life of `action`; `head` is the newest block that was judged. */
export function noticeOfAction(action: Action, status: ActionStatus, head: BlockRef | null): Notice {
  const { state, note, sequence } = status;
  const severity: Severity =
    state === "active" || state === "proposed" ? "critical" : loud.includes(state) ? "high" : "info";
  return {
    kind: "Notice",
    id: hashOf({ action: action.id, state, sequence }),
    thread: action.incident,
    topic: "action",
    transition: state,
    severity,
    title: titleOfAction(action, state),
    body: state === "simulated" && action.type === "pause" ? `${note}\n${howToSign(action)}` : note,
    chainId: action.chainId,
    blockNumber: status.blockNumber ?? head?.number ?? 0n,
    blockHash: head?.hash ?? firstPrevious,
    ...(status.txHash ? { txHash: status.txHash } : {}),
    subject: action.target,
    record: status.id,
    incident: action.incident,
    action: { id: action.id, selectors: action.selectors },
    runbook: "RUNBOOK.md#the-state-of-an-action",
  };
}

/**
 * Names an action where no more than a line is shown. The state stands last: it is the channel's own word at the line's beginning,
 * and a service that shows 130 characters cuts the end.
 */
export function titleOfAction({ type, id, selectors, target }: Action, state: ActionState): string {
  const [first, ...others] = selectors;
  const functions = others.length === 0 ? first : `${first} and ${countOf(others.length, "more function")}`;
  return `${type === "pause" ? "Pause" : "Guard rule"} ${shortId(id)} of ${functions} at ${target}: ${state}`;
}

// Whoever reads it on a phone has no list of actions beside it.
function howToSign({ id }: Action): string {
  return `Guardians sign it by: testudo guardian sign --action ${shortId(id)}`;
}

/** As much of an id as commands take for it. */
function shortId(id: string): string {
  return id.slice(0, 12);
}
