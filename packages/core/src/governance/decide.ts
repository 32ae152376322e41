import type { Action, ActionPlan } from "../model/Action.ts";
import type { Decision } from "../model/Decision.ts";
import type { DeriveRequest } from "../model/Derivation.ts";
import type { Finding } from "../model/Finding.ts";
import type { Mode } from "../model/Input.ts";
import type { Playbook } from "../model/Playbook.ts";
import type { Policy } from "../model/Policy.ts";
import { identify } from "../model/Record.ts";
import { answerOf } from "./answerOf.ts";
import { openGate } from "./gate.ts";
import { planSearches, type SearchInput } from "./planSearches.ts";
import { type SiftInput, siftPlans } from "./siftPlans.ts";
import { type ActedPlan, toAction } from "./toAction.ts";

/** What a decision rests on. */
export interface DecideInput extends SearchInput, SiftInput {
  readonly chainId: number;
  readonly playbooks: readonly Playbook[];
  readonly policy: Policy | null;
  readonly mode: Mode;
  /** The newest block that a finding was found in. Default: its own. */
  readonly lastSeen?: (finding: Finding) => bigint;
}

/** A decision and the actions that follow from it, none or several. */
export interface Decided {
  readonly decision: Decision;
  readonly actions: readonly Action[];
  /** Rules to look for. No action waits for them. */
  readonly requests: readonly DeriveRequest[];
  /** What a limit of the policy leaves to people, and why. */
  readonly limited: readonly string[];
}

/** Decides about an incident: alert only, or propose what a playbook plans and the policy allows. */
export function decide(input: DecideInput): Decided {
  const { policy, incident, findings } = input;
  if (policy === null) return alertOnly(input, "no policy is configured");
  if (input.mode === "killed") return alertOnly(input, "the kill switch is on");
  const gate = openGate(findings, policy.minSeverity);
  if (gate === undefined)
    return alertOnly(input, `no anomaly together with damage at ${policy.minSeverity} or above, and no hard invariant`);
  const { playbook, plans: planned, failed } = answerOf(input);
  if (playbook === undefined)
    return { ...alertOnly(input, failed.join("; ") || "no playbook matches", gate), limited: failed };
  const plans = planned.filter(isActed);
  const searches = planned.filter((plan) => plan.type === "deriveRule");
  if (plans.length + searches.length === 0)
    return { ...alertOnly(input, `playbook ${playbook.id} plans nothing`, gate), limited: failed };
  const { allowed, refused: unacted, limited: unactedByLimit } = siftPlans(input, policy, gate, plans);
  const { asked, refused: unasked, limited: unaskedByLimit } = planSearches(input, policy, gate, searches);
  const limited = [...failed, ...unactedByLimit, ...unaskedByLimit];
  const refused = [...unacted, ...unasked, ...limited];
  if (allowed.length + asked.length === 0)
    return {
      ...alertOnly(input, refused.length > 0 ? `refused: ${refused.join("; ")}` : "all that it plans has begun", gate),
      limited,
    };
  const because = `playbook ${playbook.id}: ${gate.anomaly.detector} and ${gate.damage.detector}${refused.length > 0 ? `; refused: ${refused.join("; ")}` : ""}`;
  const decision = toDecision(input, {
    outcome: "propose",
    because,
    playbook: playbook.id,
    anomaly: gate.anomaly.id,
    damage: gate.damage.id,
  });
  return {
    decision,
    actions: allowed.map(({ plan, anomaly, damage }) =>
      toAction(input, policy, {
        ...{ plan, basis: decision.id, playbook: playbook.id },
        ...{ incident: incident.incident, anomaly: anomaly.id, damage: damage.id },
      }),
    ),
    requests: asked.map((request) => ({ ...request, decision: decision.id, playbook: playbook.id })),
    limited,
  };
}

function isActed(plan: ActionPlan): plan is ActedPlan {
  return plan.type === "pause" || plan.type === "guardRule";
}

function alertOnly(input: DecideInput, because: string, gate?: { anomaly: Finding; damage: Finding }): Decided {
  const ids = gate ? { anomaly: gate.anomaly.id, damage: gate.damage.id } : {};
  return {
    decision: toDecision(input, { outcome: "alert-only", because, ...ids }),
    actions: [],
    requests: [],
    limited: [],
  };
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
