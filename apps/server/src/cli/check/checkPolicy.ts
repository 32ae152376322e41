import { countOf } from "@testudo/core/model/countOf";
import type { Policy } from "@testudo/core/model/Policy";
import type { Mistake } from "../../config/ConfigError.ts";
import { placeOfValue } from "../../config/locate.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import { refusedPlans } from "./refusedPlans.ts";
import type { Written } from "./Written.ts";

/** Policy and playbooks: what may be done, and what plans it. The schema has refused what no policy may allow (RESP-02). */
export function checkPolicy({ source, config, checkedOf }: Written, now: bigint): readonly CheckedPart[] {
  const playbooks = checkedOf("playbooks") ?? [];
  const plans: CheckedPart = { part: "playbooks", text: playbooks.map(({ id }) => id).join(", "), faults: [] };
  const more = playbooks.length === 0 ? [] : [plans];
  if (config.policy === undefined) return [{ part: "policy", text: "none: alerts only", faults: [] }, ...more];
  const policy = checkedOf("policy");
  if (policy === undefined) return [{ part: "policy", text: "", faults: [] }, ...more];
  const over: Mistake = {
    place: placeOfValue(source, ["policy", "expiresAt"]),
    what: `\`policy.expiresAt\` is over since ${dayOf(policy)}.`,
    allowed: "A policy is renewed by hand; after its end nothing is proposed on chain.",
    wayOut: "Review it and set a new `expiresAt`.",
  };
  const unplanned = playbooks.flatMap((playbook, i) =>
    refusedPlans(playbook, policy, now).map(
      (why): Mistake => ({
        place: placeOfValue(source, ["playbooks", i]),
        what: `Playbook "${playbook.id}" plans what the policy refuses: ${why}.`,
        allowed: "What the policy does not allow is never proposed.",
        wayOut: "Name it in the policy's `permissions`, or take it out of the playbook.",
      }),
    ),
  );
  const planned: CheckedPart[] = playbooks.length === 0 ? [] : [{ ...plans, faults: unplanned }];
  return [{ part: "policy", text: textOf(policy), faults: policy.expiresAt <= now ? [over] : [] }, ...planned];
}

function textOf(policy: Policy): string {
  const { permissions, quorum, guardians } = policy;
  const signs = `${quorum} of ${guardians.length} guardians sign`;
  return `${countOf(permissions.length, "contract")} may be paused, ${signs}, until ${dayOf(policy)}`;
}

function dayOf({ expiresAt }: Policy): string {
  return new Date(Number(expiresAt) * 1_000).toISOString().slice(0, 10);
}
