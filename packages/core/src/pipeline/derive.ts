// What came of looking for a rule in an attack. The search is not believed: its rule is held against the policy again here,
// and then tried on a fork like one that was written down beforehand.
import { refusalOfDerived, refusalOfDeriving } from "../governance/deriveCheck.ts";
import { coolOffKey, refusalOfRate } from "../governance/policyCheck.ts";
import { toAction } from "../governance/toAction.ts";
import type { Derivation, DeriveRequest } from "../model/Derivation.ts";
import type { GuardRule } from "../model/GuardRule.ts";
import type { Input } from "../model/Input.ts";
import type { DeriveBounds, Policy } from "../model/Policy.ts";
import { identify } from "../model/Record.ts";
import { propose, standingRules, stands } from "./act.ts";
import { closeSearch, countDerived, derivedToday, type Search } from "./askForRule.ts";
import { readCase } from "./Case.ts";
import { moveIncident, standingFindings } from "./group.ts";
import { type Ledger, standingOf } from "./Ledger.ts";
import { begunOfLate } from "./rate.ts";
import { tellLimited } from "./tellLimited.ts";

/** Takes what the search found, records it, and proposes its rule where the policy allows it still. */
export function onDerived(ledger: Ledger, { request: id, derived }: Extract<Input, { kind: "derived" }>): void {
  const search = closeSearch(ledger, id);
  if (search === undefined) return;
  const { request } = search;
  const { rule, ...facts } = derived;
  const refusal = rule === undefined ? undefined : refusalNow(ledger, search, rule);
  const { incident, target } = request;
  const limit = rule === undefined || refusal !== undefined ? undefined : limitNow(ledger);
  const why = refusal ?? limit;
  const record: Derivation = identify({
    ...facts,
    ...(rule === undefined || why !== undefined ? {} : { rule }),
    ...(why === undefined ? {} : { note: `${why}: ${facts.note}` }),
    kind: "Derivation" as const,
    from: [request.decision, request.anomaly, request.damage],
    ...{ request: id, incident, target },
  });
  ledger.records.push(record);
  const current = readCase(ledger.cases, "incident", incident);
  if (limit !== undefined && current !== undefined) tellLimited(ledger, current, record.id, [`${limit} at ${target}`]);
  if (record.rule !== undefined) deploy(ledger, request, record, record.rule);
}

function limitNow(ledger: Ledger): string | undefined {
  return refusalOfRate(ledger.program.policy!, begunOfLate(ledger, standingOf(ledger).head!.timestamp));
}

/** Why what was found may not be sent any more; undefined if it may. */
function refusalNow(ledger: Ledger, { request, at }: Search, rule: GuardRule): string | undefined {
  const { policy } = ledger.program;
  const { mode, head } = standingOf(ledger);
  const derived = policy?.rules?.derived;
  if (policy === null || derived === undefined || head === null) return "the policy has no bounds for derived rules";
  if (mode === "killed") return "the kill switch is on";
  const { target, durationSeconds, anomaly, damage } = request;
  if (![anomaly, damage].every((id) => stands(ledger, id))) return "its cause was taken back";
  if (rule.target !== target) return `the rule is on ${rule.target}`;
  return (
    refusalOfDelay(policy, derived, head.timestamp - at) ??
    refusalOfPlan(ledger, policy, request, head.timestamp) ??
    refusalOfDerived(derived, rule, durationSeconds) ??
    refusalOfCoolOff(ledger, rule, head.timestamp)
  );
}

// A watch that was away asks again for what it had asked for, and searches wait for each other: an attack of hours ago is a
// person's to answer.
function refusalOfDelay(
  { deadlineSeconds }: Policy,
  { budgetMs }: DeriveBounds,
  lateSeconds: bigint,
): string | undefined {
  const most = BigInt(Math.ceil(budgetMs / 1_000) + deadlineSeconds);
  return lateSeconds > most ? `it was found ${lateSeconds} s after the attack, ${most} s may pass` : undefined;
}

function refusalOfPlan(
  ledger: Ledger,
  policy: Policy,
  { target, durationSeconds, anomaly, damage }: DeriveRequest,
  now: bigint,
): string | undefined {
  const plan = { type: "deriveRule" as const, target, durationSeconds };
  const today = derivedToday(ledger, now).length;
  return refusalOfDeriving(policy, plan, { anomaly, damage, standing: standingRules(ledger), now, today });
}

function refusalOfCoolOff(ledger: Ledger, { target, selector }: GuardRule, now: bigint): string | undefined {
  const until = readCase(ledger.cases, "coolOff", coolOffKey("guardRule", target, selector)) ?? 0n;
  return until > now ? `${selector} of ${target} was acted on and cools off` : undefined;
}

function deploy(ledger: Ledger, request: DeriveRequest, record: Derivation, rule: GuardRule): void {
  const { chainId, policy } = ledger.program;
  const head = standingOf(ledger).head!;
  const { incident, anomaly, damage, playbook, attack, blocks, durationSeconds } = request;
  const current = readCase(ledger.cases, "incident", incident);
  const findings = current === undefined ? [] : standingFindings(ledger, current);
  const plan = { type: "guardRule" as const, rule, durationSeconds };
  const cause = { plan, basis: record.id, playbook, incident, anomaly, damage };
  countDerived(ledger, head.timestamp);
  propose(ledger, toAction({ chainId, head, findings }, policy!, cause), { triggers: attack, blocks }, record.note);
  moveIncident(ledger, incident, "mitigating");
}
