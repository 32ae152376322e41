// The life of an action between its proposal and its effect on chain. The effect itself comes back as a log of a block.

import { decide } from "../governance/decide.ts";
import { finalityOf, tellFinality } from "../governance/finalityOf.ts";
import { coolOffKey } from "../governance/policyCheck.ts";
import type { Action } from "../model/Action.ts";
import { isTerminal } from "../model/ActionStatus.ts";
import type { BlockBundle, BlockRef } from "../model/BlockBundle.ts";
import type { Hex } from "../model/Hex.ts";
import type { Incident } from "../model/Incident.ts";
import type { Input } from "../model/Input.ts";
import { hashOf, identify } from "../model/Record.ts";
import { askForRule, derivedToday, isAsked, searchedToday } from "./askForRule.ts";
import { type ActionCase, type FindingCase, readCase, writeCase } from "./Case.ts";
import { clearedBy } from "./effectLogs.ts";
import { forgetMitigated, forgetQuiet, isCalledOff, moveIncident, standingFindings } from "./group.ts";
import { type Ledger, moveAction, setStanding, standingOf } from "./Ledger.ts";
import { coolOff, keepInView, noteLeft, putInForce, reopenCleared, reopenLate } from "./lateEffects.ts";
import { begunOfLate, forgetBegun, noteBegun } from "./rate.ts";
import { tellLimited } from "./tellLimited.ts";

/** Decides about `incident` on `head` and opens what follows. */
export function decideIncident(ledger: Ledger, incident: Incident, head: BlockRef): void {
  const { mode } = standingOf(ledger);
  const findings = standingFindings(ledger, incident);
  const { decision, actions, requests, limited } = decide({
    chainId: ledger.program.chainId,
    incident,
    findings,
    playbooks: ledger.program.playbooks,
    policy: ledger.program.policy,
    mode,
    head,
    lastSeen: ({ id, blockNumber }) => findingOf(ledger, id)?.lastBlock ?? blockNumber,
    // What waits to be sent is not proposed a second time, however long it waits.
    coolOffUntil: (key) => (isUnderWay(ledger, key) ? head.timestamp + 1n : readCase(ledger.cases, "coolOff", key)),
    isOver: (key) => !openActions(ledger).some((item) => isOn(item, key)),
    begunOfLate: begunOfLate(ledger, head.timestamp),
    standingRules: standingRules(ledger),
    derivedToday: derivedToday(ledger, head.timestamp).length,
    searchesToday: searchedToday(ledger, head.timestamp).length,
    isAsked: (request) => isAsked(ledger, request),
  });
  // The same decision for the same reason is written once, not at every block of a long incident.
  const content = hashOf([decision.outcome, decision.because, decision.anomaly, decision.damage]);
  if (actions.length + requests.length === 0 && readCase(ledger.cases, "decided", incident.incident) === content)
    return;
  writeCase(ledger.cases, "decided", incident.incident, content);
  ledger.records.push(decision);
  tellLimited(ledger, incident, decision.id, limited);
  const triggers = [...new Set(findings.flatMap((finding) => finding.prediction?.tx ?? finding.txHash ?? []))];
  const blocksOf = ({ anomaly, damage }: Action) => [
    ...new Set(findings.flatMap(({ id, blockHash }) => ([anomaly, damage].includes(id) ? [blockHash] : []))),
  ];
  for (const action of actions) propose(ledger, action, { triggers, blocks: blocksOf(action) }, decision.because);
  for (const request of requests) askForRule(ledger, request, head.timestamp);
  if (actions.length > 0) moveIncident(ledger, incident.incident, "mitigating");
}

function isUnderWay(ledger: Ledger, key: string): boolean {
  return openActions(ledger).some((item) => item.state !== "active" && isOn(item, key));
}

function isOn({ action: { type, target, selectors } }: ActionCase, key: string): boolean {
  return selectors.some((selector) => coolOffKey(type, target, selector) === key);
}

/** Guard rules that run or are on their way. */
export function standingRules(ledger: Ledger): number {
  return openActions(ledger).filter(({ action }) => action.type === "guardRule").length;
}

/** Opens `action` and has it tried against what it is to stop. */
export function propose(
  ledger: Ledger,
  action: Action,
  cause: { readonly triggers: readonly Hex[]; readonly blocks: readonly Hex[] },
  because: string,
): void {
  ledger.records.push(action);
  const item: ActionCase = { action, state: "proposed", sequence: -1, approvals: [] };
  setStanding(ledger, { openActions: [...standingOf(ledger).openActions, action.id] });
  // Cool-off starts with the proposal, so that a running action is not proposed again; it is lifted if nothing was sent.
  noteBegun(ledger, action.id, standingOf(ledger).head!.timestamp);
  coolOff(ledger, action);
  const finality = finalityOf(ledger.program.policy, action);
  const when = finality === undefined ? "" : `; sent once the blocks of both are ${tellFinality(finality)}`;
  noteCauseBlocks(ledger, moveAction(ledger, item, "proposed", `${because}${when}`));
  ledger.commands.push({ kind: "simulate", action, ...cause });
}

/** Takes the result of the trial on the fork. In shadow mode the action stops here (RESP-14). */
export function onSimulation(ledger: Ledger, input: Extract<Input, { kind: "simulation" }>): void {
  const item = openAction(ledger, input.action, ["proposed"]);
  if (item === undefined) return;
  const { ref, ...facts } = input;
  ledger.records.push(
    identify({
      ...facts,
      kind: "Simulation" as const,
      from: [input.action],
      blockNumber: ref.number,
      blockHash: ref.hash,
    }),
  );
  if (!input.passed) {
    end(ledger, item, "simulation-failed", input.note);
    return;
  }
  const next = moveAction(ledger, item, "simulated", input.note);
  if (standingOf(ledger).mode === "armed") goOn(ledger, next);
}

// A pause waits for its signatures. A rule within the policy's bounds needs none (LAB-22).
function goOn(ledger: Ledger, item: ActionCase): void {
  if (item.action.type === "pause" && isSigned(item)) releaseSigned(ledger, item);
  else if (item.action.type === "pause") ledger.commands.push({ kind: "collect", action: item.action });
  else release(ledger, moveAction(ledger, item, "approved", "it is within the policy's bounds and needs no signature"));
}

/** Takes a guardian's signature; at the quorum the action goes out, unless its cause has gone (GATE-02). */
export function onApproval(ledger: Ledger, input: Extract<Input, { kind: "approval" }>): void {
  const item = openAction(ledger, input.action, ["simulated"]);
  const { policy } = ledger.program;
  if (item === undefined || policy === null || item.action.type !== "pause") return;
  if (!policy.guardians.includes(input.signer) || item.approvals.some((a) => a.signer === input.signer)) return;
  const { kind: _, ...facts } = input;
  const approval = identify({ ...facts, kind: "Approval" as const, from: [input.action] });
  ledger.records.push(approval);
  const signed = { ...item, approvals: [...item.approvals, approval] };
  writeCase(ledger.cases, "action", item.action.id, signed);
  // Signed before somebody armed, it counts from then on (RESP-14).
  if (standingOf(ledger).mode === "armed") releaseSigned(ledger, signed);
}

function isSigned({ action, approvals }: ActionCase): boolean {
  return approvals.length >= action.quorum;
}

function releaseSigned(ledger: Ledger, item: ActionCase): void {
  if (!isSigned(item)) return;
  const { approvals } = item;
  const note = `${approvals.length} of ${ledger.program.policy!.guardians.length} guardians signed`;
  const signers = approvals.map(({ signer }) => signer);
  release(ledger, moveAction(ledger, item, "approved", note, { approvals, signers }));
}

// The last look before an action leaves us: mode, health of our own sources, and whether the cause still stands.
function release(ledger: Ledger, item: ActionCase): void {
  const { frozen } = standingOf(ledger);
  if (endGone(ledger, item) || endSettled(ledger, item)) return;
  const known = noteCauseBlocks(ledger, item);
  const early = whyEarly(ledger, known);
  const reasons = [...Object.values(frozen), ...(early === undefined ? [] : [early])];
  if (reasons.length > 0) {
    if (known.state !== "cooling") moveAction(ledger, known, "cooling", `held: ${reasons.join("; ")}`);
    return;
  }
  writeCase(ledger.cases, "action", item.action.id, { ...known, isReleased: true });
  ledger.commands.push({ kind: "send", action: item.action, approvals: item.approvals });
}

/** Ends `item` where a cause of it was taken back; whether one was. */
function endGone(ledger: Ledger, item: ActionCase): boolean {
  const gone = [item.action.anomaly, item.action.damage].find((id) => !stands(ledger, id));
  if (gone !== undefined) end(ledger, item, "stale", `finding ${gone} was taken back before sending`);
  return gone !== undefined;
}

/** Ends `item` where people have called a cause of it harmless; whether they have. */
function endSettled(ledger: Ledger, item: ActionCase): boolean {
  const settled = [item.action.anomaly, item.action.damage].find((id) => isCalledOff(findingOf(ledger, id)));
  if (settled !== undefined) end(ledger, item, "stale", `finding ${settled} was resolved before sending`);
  return settled !== undefined;
}

/** Why the action has to wait, where the policy lets it go only once its causes are sure (FIND-05). */
function whyEarly(ledger: Ledger, { action, causeBlocks }: ActionCase): string | undefined {
  const finality = finalityOf(ledger.program.policy, action);
  if (finality === undefined) return undefined;
  const { head, finalized } = standingOf(ledger);
  const sure = finality === "finalized" ? finalized : head && head.number - BigInt(finality);
  const unsure = [action.anomaly, action.damage].find((id) => {
    const block = causeBlocks?.[id];
    return block === undefined || sure === undefined || sure === null || block > sure;
  });
  return unsure === undefined ? undefined : `the block of finding ${unsure} is not ${tellFinality(finality)} yet`;
}

/** Notes the blocks of the causes that stand in one by now, where the action waits for them. */
function noteCauseBlocks(ledger: Ledger, item: ActionCase): ActionCase {
  if (finalityOf(ledger.program.policy, item.action) === undefined) return item;
  const met = [item.action.anomaly, item.action.damage].flatMap((id) => {
    const cause = findingOf(ledger, id);
    // What is predicted stands in no block.
    const isMet = item.causeBlocks?.[id] === undefined && cause !== undefined && cause.chain !== "predicted";
    return isMet ? [[id, cause.finding.blockNumber] as const] : [];
  });
  if (met.length === 0) return item;
  const known = { ...item, causeBlocks: { ...item.causeBlocks, ...Object.fromEntries(met) } };
  writeCase(ledger.cases, "action", item.action.id, known);
  return known;
}

/** Sends what had to wait and need not any more. */
export function releaseDue(ledger: Ledger): void {
  if (standingOf(ledger).mode !== "armed") return;
  for (const item of openActions(ledger))
    if (item.state === "cooling" && item.isReleased !== true) release(ledger, item);
}

function findingOf(ledger: Ledger, id: Hex): FindingCase | undefined {
  const key = readCase(ledger.cases, "findingId", id);
  return key === undefined ? undefined : readCase(ledger.cases, "finding", key);
}

/** Whether the finding `id` has not been taken back. */
export function stands(ledger: Ledger, id: Hex): boolean {
  const item = findingOf(ledger, id);
  return item !== undefined && item.chain !== "retracted" && item.chain !== "expired";
}

/** Goes on with what was held: after a freeze ended, or after arming. */
export function resumeActions(ledger: Ledger): void {
  for (const item of openActions(ledger)) {
    if (standingOf(ledger).mode !== "armed") continue;
    // The sender goes on by itself with what was ordered once.
    if (item.state === "cooling" && item.isReleased !== true) release(ledger, item);
    if (item.state === "simulated") goOn(ledger, item);
  }
}

/** Ends every action that has not left us yet: the kill switch. */
export function killActions(ledger: Ledger): void {
  for (const item of openActions(ledger))
    if (isUnsent(item)) end(ledger, item, "killed", "the kill switch was pressed");
}

/** Takes what the sender reports. */
export function onEffect(ledger: Ledger, input: Extract<Input, { kind: "effect" }>): void {
  const item = readCase(ledger.cases, "action", input.action);
  if (item === undefined) return;
  if (item.state === "active") {
    // Its block may be judged before it is told that its bytes had left; after a reorg that counts.
    if (input.state === "broadcast" && item.hasLeft !== true)
      writeCase(ledger.cases, "action", input.action, { ...item, hasLeft: true });
    return;
  }
  if (isTerminal(item.state)) {
    noteLeft(ledger, item, input);
    return;
  }
  if (item.state === input.state && !isNewWay(item, input)) return;
  const { state, note, txHash, blockNumber, way } = input;
  const facts = {
    ...(txHash ? { txHash } : {}),
    ...(blockNumber !== undefined ? { blockNumber } : {}),
    ...(way ? { way } : {}),
  };
  if (isTerminal(state)) {
    end(ledger, item, state, note);
    return;
  }
  const next = moveAction(ledger, item, state, note, facts);
  // Its cause may have gone while the sender was at it.
  if (isStuck(next) && !endGone(ledger, next)) endSettled(ledger, next);
}

// Which bytes went which way is a step of its own: to the relay, with higher fees, to everybody (RESP-12).
function isNewWay({ sent }: ActionCase, { way, txHash }: Extract<Input, { kind: "effect" }>): boolean {
  return way !== undefined && (sent?.way !== way || sent.txHash !== txHash);
}

/** Sees actions take effect in a block, and those that ran out. */
export function watchEffects(ledger: Ledger, bundle: BlockBundle): void {
  reopenLate(ledger, bundle);
  for (const item of openActions(ledger)) {
    const { action } = item;
    const active = item.state === "active" ? undefined : putInForce(ledger, item, bundle);
    if (active !== undefined) {
      noteCleared(ledger, active, bundle);
      continue;
    }
    if (item.state === "active" && noteCleared(ledger, item, bundle)) continue;
    if (item.state === "active" && bundle.ref.timestamp >= (item.pausedUntil ?? action.until))
      end(ledger, item, "expired", `the ${action.type === "pause" ? "pause" : "rule"} ran out by itself`);
    else if (isUnsent(item) && bundle.ref.timestamp > action.deadline) end(ledger, item, "stale", lateNote(item));
  }
}

function lateNote(item: ActionCase): string {
  return `not ${item.action.type !== "pause" || isSigned(item) ? "sent" : "enough signatures"} before the deadline`;
}

/** Ends a rule that `bundle` takes back; whether it does. */
function noteCleared(ledger: Ledger, item: ActionCase, bundle: BlockBundle): boolean {
  const txHash = item.action.type === "guardRule" ? clearedBy(bundle, item.action) : undefined;
  if (txHash === undefined) return false;
  end(
    ledger,
    { ...item, clearedIn: bundle.ref },
    "released",
    `the rule was taken back in block ${bundle.ref.number} by transaction ${txHash}`,
  );
  return true;
}

/** After a reorg: drops what rests on orphaned findings and has not been sent; what was sent is expected again. */
export function reviewAfterReorg(ledger: Ledger, orphaned: ReadonlySet<Hex>): void {
  reopenCleared(ledger, orphaned);
  for (const item of openActions(ledger)) {
    if (item.seenIn !== undefined && orphaned.has(item.seenIn.hash)) {
      const { seenIn, pausedUntil: _, ...rest } = item;
      if (!isMitigated(ledger, item, orphaned)) forgetMitigated(ledger, item.action.incident, seenIn.timestamp);
      if (item.endedAs !== undefined) {
        end(ledger, rest, item.endedAs, "the block that it took effect in all the same was orphaned");
        continue;
      }
      if (item.hasLeft !== true && item.action.type === "pause") {
        beginAnew(ledger, rest);
        continue;
      }
      moveAction(ledger, rest, "broadcast", "its block was orphaned; it is sent again");
      ledger.commands.push({ kind: "send", action: item.action, approvals: item.approvals });
    }
  }
  dropUnfounded(ledger, "its cause was orphaned by a reorg");
}

// Others had put it in force. What we have given to nobody goes through all that it went through, or would have, before it leaves.
function beginAnew(ledger: Ledger, { isReleased: _, ...item }: ActionCase): void {
  if (endGone(ledger, item) || endSettled(ledger, item)) return;
  const { mode } = standingOf(ledger);
  if (mode === "killed") {
    end(ledger, item, "killed", "the kill switch was pressed");
    return;
  }
  const next = moveAction(ledger, item, "simulated", "the block in which others had put it in force was orphaned");
  if (mode === "armed") goOn(ledger, next);
}

/** Whether another action against the same incident is in force in a block that still stands. */
function isMitigated(ledger: Ledger, { action }: ActionCase, orphaned: ReadonlySet<Hex>): boolean {
  return openActions(ledger).some(
    (other) =>
      other.action.incident === action.incident && other.seenIn !== undefined && !orphaned.has(other.seenIn.hash),
  );
}

/** What the actions rest on that have not left us. */
export function causesOfUnsent(ledger: Ledger): readonly Hex[] {
  return openActions(ledger).flatMap((item) => (isHere(item) ? [item.action.anomaly, item.action.damage] : []));
}

/** Ends what has not left us and whose cause does not stand any more. */
export function dropUnfounded(ledger: Ledger, note: string): void {
  for (const item of openActions(ledger))
    if (isHere(item) && [item.action.anomaly, item.action.damage].some((id) => !stands(ledger, id)))
      end(ledger, item, "stale", note);
}

/** Ends what the sender has and cannot give to anybody, and what people have called harmless: it is not released again. */
export function dropSettled(ledger: Ledger): void {
  for (const item of openActions(ledger)) if (isStuck(item)) endSettled(ledger, item);
}

function isUnsent(item: ActionCase): boolean {
  return (
    item.state === "proposed" || item.state === "simulated" || item.state === "approved" || item.state === "cooling"
  );
}

/** Whether the sender has tried in vain so far: without money it would go out whenever there is some. */
function isStuck({ state, hasLeft }: ActionCase): boolean {
  return state === "dropped" && hasLeft !== true;
}

function isHere(item: ActionCase): boolean {
  return isUnsent(item) || isStuck(item);
}

function end(ledger: Ledger, item: ActionCase, state: ActionCase["state"], note: string): void {
  moveAction(ledger, item, state, note);
  const { openActions: open } = standingOf(ledger);
  setStanding(ledger, { openActions: open.filter((id) => id !== item.action.id) });
  keepInView(ledger, item, state);
  // Of what the sender had already and was never given out nothing can come either: it says so with this state.
  const isNothing =
    isUnsent(item) || state === "killed" || state === "stale" || (state === "failed" && isVoid(ledger, item));
  if (isNothing) forgetBegun(ledger, item.action.id);
  if (isNothing)
    for (const selector of item.action.selectors)
      writeCase(ledger.cases, "coolOff", coolOffKey(item.action.type, item.action.target, selector), undefined);
  if (state === "expired" || state === "released") moveIncident(ledger, item.action.incident, "monitoring");
  forgetQuiet(ledger, item.action);
}

// The council takes no pause after its deadline, so that what is in no block by then never is, whoever may have had it. A rule has none there.
function isVoid(ledger: Ledger, { action, seenIn }: ActionCase): boolean {
  const { head } = standingOf(ledger);
  return action.type === "pause" && seenIn === undefined && head !== null && head.timestamp > action.deadline;
}

function openAction(ledger: Ledger, id: Hex, states: readonly ActionCase["state"][]): ActionCase | undefined {
  const item = readCase(ledger.cases, "action", id);
  return item !== undefined && states.includes(item.state) ? item : undefined;
}

function openActions(ledger: Ledger): readonly ActionCase[] {
  return standingOf(ledger).openActions.flatMap((id) => readCase(ledger.cases, "action", id) ?? []);
}
