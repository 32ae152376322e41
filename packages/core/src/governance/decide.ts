import type { Action, PausePlan } from "../model/Action.ts";
import type { BlockRef } from "../model/BlockBundle.ts";
import type { Decision } from "../model/Decision.ts";
import type { Finding } from "../model/Finding.ts";
import type { Incident } from "../model/Incident.ts";
import type { Mode } from "../model/Input.ts";
import type { Prediction } from "../model/PendingTx.ts";
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
  /** Unix seconds until which software may not pause a selector again, by `coolOffKey`. */
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
  if (plans.length === 0) return alertOnly(input, `playbook ${playbook.id} plans nothing`, gate);
  const { allowed, refused } = sift(input, policy, plans);
  if (allowed.length === 0) return alertOnly(input, `refused: ${refused.join("; ")}`, gate);
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
      ...outbidsOf(findings),
    }),
  );
  return { decision, actions };
}

/** The highest price of what is predicted; nothing where all has happened. */
function outbidsOf(findings: readonly Finding[]): Pick<Action, "outbids"> {
  const prices = findings.flatMap(({ prediction }) => prediction ?? []);
  if (prices.length === 0) return {};
  const most = (of: (price: Prediction) => bigint) => prices.map(of).reduce((a, b) => (a > b ? a : b));
  return { outbids: { tipWei: most((p) => p.tipWei), maxFeeWei: most((p) => p.maxFeeWei) } };
}

/** What the policy allows of `plans`, less the selectors that cool off or that an earlier plan names, and why not the rest. */
function sift(
  { head, coolOffUntil }: DecideInput,
  policy: Policy,
  plans: readonly PausePlan[],
): { readonly allowed: readonly PausePlan[]; readonly refused: readonly string[] } {
  const refused: string[] = [];
  const planned = new Set<string>();
  const allowed = plans.flatMap((plan) => {
    const refusal = refusalOf(policy, plan, head.timestamp);
    if (refusal !== undefined) {
      refused.push(refusal);
      return [];
    }
    const fresh = plan.selectors.filter((selector) => !planned.has(coolOffKey(plan.target, selector)));
    const selectors = fresh.filter((s) => (coolOffUntil(coolOffKey(plan.target, s)) ?? 0n) <= head.timestamp);
    const cooling = fresh.filter((selector) => !selectors.includes(selector));
    if (cooling.length > 0) refused.push(`${cooling.join(", ")} of ${plan.target} was acted on and cools off`);
    for (const selector of selectors) planned.add(coolOffKey(plan.target, selector));
    return selectors.length === 0 ? [] : [{ ...plan, selectors }];
  });
  return { allowed, refused };
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
