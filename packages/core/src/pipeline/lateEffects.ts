// Actions that ended while the sender had them. Their bytes may be with somebody: a cause may go, or a node say that a block refused
// them, while they leave. And pauses that ended once guardians had signed. Until the action's own end they are looked for, so that nobody has to find out from the chain.
import { coolOffKey } from "../governance/policyCheck.ts";
import type { Action } from "../model/Action.ts";
import type { ActionState } from "../model/ActionStatus.ts";
import type { BlockBundle } from "../model/BlockBundle.ts";
import type { Hex } from "../model/Hex.ts";
import type { Input } from "../model/Input.ts";
import { type ActionCase, readCase, writeCase } from "./Case.ts";
import { describeEffects, readEffects } from "./effectLogs.ts";
import { forgetQuiet, noteMitigated } from "./group.ts";
import { type Ledger, moveAction, setStanding, standingOf } from "./Ledger.ts";
import { noteBegun } from "./rate.ts";

/**
 * Keeps `item`, which ends as `state`, in view where the sender had it, or guardians have signed it: anybody can send what they sign. So can
 * whoever had put it in force, where a reorg ends that.
 */
export function keepInView(ledger: Ledger, item: ActionCase, state: ActionState): void {
  const { action, isReleased, approvals } = item;
  const mayCome = isReleased === true || approvals.length > 0 || item.state === "active";
  if (mayCome && state !== "expired") setEnded(ledger, [...endedOf(ledger), action.id]);
}

/** Has the selectors of `action` cool off from now on. */
export function coolOff(ledger: Ledger, { type, target, selectors }: Action): void {
  const until = standingOf(ledger).head!.timestamp + BigInt(ledger.program.policy?.coolOffSeconds ?? 0);
  for (const selector of selectors) writeCase(ledger.cases, "coolOff", coolOffKey(type, target, selector), until);
}

/** `item` as it is in force by `bundle`; undefined where that shows nothing of it. */
export function putInForce(ledger: Ledger, item: ActionCase, bundle: BlockBundle): ActionCase | undefined {
  const { policy } = ledger.program;
  const { action, endedAs } = item;
  const effects = policy === null ? [] : readEffects(bundle, policy.breaker, action);
  if (effects.length === 0) return undefined;
  const txHash = bundle.txs[effects[0]!.txIndex]?.hash;
  const pausedUntil = effects.reduce((last, { until }) => (until > last ? until : last), 0n);
  const facts = { blockNumber: bundle.ref.number, seenIn: bundle.ref, pausedUntil, ...(txHash ? { txHash } : {}) };
  const late = endedAs === undefined ? "" : `; it had ended as ${endedAs}`;
  const active = moveAction(ledger, item, "active", `${describeEffects(effects, action)}${late}`, facts);
  noteMitigated(ledger, action.incident, bundle.ref.timestamp);
  return active;
}

/** Opens again what had ended and is in force by `bundle`. */
export function reopenLate(ledger: Ledger, bundle: BlockBundle): void {
  for (const id of endedOf(ledger)) {
    const item = readCase(ledger.cases, "action", id);
    // From then on it shuts nothing, whoever has its bytes.
    const isOver = item === undefined || bundle.ref.timestamp >= item.action.until;
    const active = isOver ? undefined : putInForce(ledger, { ...item, endedAs: item.state }, bundle);
    if (isOver || active !== undefined) forget(ledger, id);
    if (isOver && item !== undefined) forgetQuiet(ledger, item.action);
    if (active === undefined) continue;
    setStanding(ledger, { openActions: [...standingOf(ledger).openActions, id] });
    coolOff(ledger, active.action);
    noteBegun(ledger, id, bundle.ref.timestamp);
  }
}

/** Opens again what was taken back in one of the `orphaned` blocks, and is in force by one that stands. */
export function reopenCleared(ledger: Ledger, orphaned: ReadonlySet<Hex>): void {
  for (const id of endedOf(ledger)) {
    const { clearedIn, ...item } = readCase(ledger.cases, "action", id)!;
    if (clearedIn === undefined || !orphaned.has(clearedIn.hash)) continue;
    if (item.seenIn === undefined || orphaned.has(item.seenIn.hash)) continue;
    forget(ledger, id);
    setStanding(ledger, { openActions: [...standingOf(ledger).openActions, id] });
    // Its bytes are given to nobody since it was taken back: where its own block goes as well, it has ended again.
    const note = "it is in force again: the block that took it back was orphaned";
    moveAction(ledger, { ...item, endedAs: "released" }, "active", note);
  }
}

/** Tells, once, that bytes of `item`, which has ended, had left by then: so says the sender's `effect`. */
export function noteLeft(ledger: Ledger, item: ActionCase, effect: Extract<Input, { kind: "effect" }>): void {
  const { state, note, txHash } = effect;
  if (state !== "broadcast" || item.hasLeft === true || !endedOf(ledger).includes(item.action.id)) return;
  moveAction(ledger, { ...item, hasLeft: true }, item.state, note, txHash ? { txHash } : {});
}

function endedOf(ledger: Ledger): readonly Hex[] {
  return standingOf(ledger).ended ?? [];
}

function setEnded(ledger: Ledger, ended: readonly Hex[]): void {
  setStanding(ledger, { ended: [...new Set(ended)] });
}

function forget(ledger: Ledger, id: Hex): void {
  setEnded(
    ledger,
    endedOf(ledger).filter((other) => other !== id),
  );
}
