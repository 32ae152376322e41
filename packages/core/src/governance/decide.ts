import type { Action, PausePlan } from "../model/Action.ts";
import type { BlockRef } from "../model/BlockBundle.ts";
import type { Decision } from "../model/Decision.ts";
import type { Finding } from "../model/Finding.ts";
import type { Incident } from "../model/Incident.ts";
import type { Mode } from "../model/Input.ts";
import type { Playbook } from "../model/Playbook.ts";
import type { Policy } from "../model/Policy.ts";
import { hashOf, identify } from "../model/Record.ts";
import { openGate } from "./gate.ts";
import { coolOffKey, refusalOf } from "./policyCheck.ts";

/** What a decision rests on. */
export interface DecideInput {
  readonly chainId: number;
  readonly incident: Incident;
  /** The incident's findings that still stand. */
  readonly findings: readonly Finding[];
  readonly playbooks: readonly Playbook[];
  readonly policy: Policy | null;
  readonly mode: Mode;
  readonly head: BlockRef;
  /** Unix seconds until which software may not repeat a plan, by `coolOffKey`. */
  readonly coolOffUntil: (key: string) => bigint | undefined;
}

/** A decision and the actions that follow from it, none or several. */
export interface Decided {
  readonly decision: Decision;
  readonly actions: readonly Action[];
}

/** Decides about an incident: alert only, or propose what a playbook plans and the policy allows. */
export function decide(input: DecideInput): Decided {
  const { policy, incident, findings, head } = input;
  if (policy === null) return alertOnly(input, "no policy is configured");
  if (input.mode === "killed") return alertOnly(input, "the kill switch is on");
  const gate = openGate(findings, policy.minSeverity);
  if (gate === undefined)
    return alertOnly(input, `no anomaly together with damage at ${policy.minSeverity} or above, and no hard invariant`);
  const playbook = input.playbooks.find((candidate) => candidate.matches(incident, findings));
  if (playbook === undefined) return alertOnly(input, "no playbook matches", gate);
  const plans = playbook.plan(incident, findings).filter((plan): plan is PausePlan => plan.type === "pause");
  const refusals = plans.map((plan) => refusalOf(policy, plan, head.timestamp) ?? coolingOf(input, plan));
  const allowed = plans.filter((_, i) => refusals[i] === undefined);
  const refused = refusals.filter((reason) => reason !== undefined);
  if (allowed.length === 0)
    return alertOnly(
      input,
      plans.length === 0 ? `playbook ${playbook.id} plans nothing` : `refused: ${refused.join("; ")}`,
      gate,
    );
  const because = `playbook ${playbook.id}: ${gate.anomaly.detector} and ${gate.damage.detector}${refused.length > 0 ? `; refused: ${refused.join("; ")}` : ""}`;
  const decision = toDecision(input, {
    outcome: "propose",
    because,
    playbook: playbook.id,
    anomaly: gate.anomaly.id,
    damage: gate.damage.id,
  });
  const actions = allowed.map((plan) =>
    identify({
      kind: "Action" as const,
      from: [decision.id],
      type: "pause" as const,
      chainId: input.chainId,
      council: policy.council,
      target: plan.target,
      selectors: plan.selectors,
      until: head.timestamp + BigInt(plan.durationSeconds),
      reason: hashOf(playbook.id),
      evidence: decision.id,
      deadline: head.timestamp + BigInt(policy.deadlineSeconds),
      incident: incident.incident,
      anomaly: gate.anomaly.id,
      damage: gate.damage.id,
      quorum: policy.quorum,
      playbook: playbook.id,
    }),
  );
  return { decision, actions };
}

function coolingOf(input: DecideInput, plan: PausePlan): string | undefined {
  const until = input.coolOffUntil(coolOffKey(plan));
  return until !== undefined && until > input.head.timestamp ? `${plan.target} was acted on and cools off` : undefined;
}

function alertOnly(input: DecideInput, because: string, gate?: { anomaly: Finding; damage: Finding }): Decided {
  const ids = gate ? { anomaly: gate.anomaly.id, damage: gate.damage.id } : {};
  return { decision: toDecision(input, { outcome: "alert-only", because, ...ids }), actions: [] };
}

function toDecision(
  input: DecideInput,
  body: Pick<Decision, "outcome" | "because"> & Partial<Pick<Decision, "playbook" | "anomaly" | "damage">>,
): Decision {
  return identify({
    kind: "Decision" as const,
    from: [input.incident.id],
    incident: input.incident.incident,
    ...body,
    policy: input.policy?.id ?? "none",
    blockNumber: input.head.number,
    blockHash: input.head.hash,
  });
}
