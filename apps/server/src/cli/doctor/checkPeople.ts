import type { Playbook } from "@testudo/core/model/Playbook";
import type { Policy } from "@testudo/core/model/Policy";
import type { Settings } from "../../config/Config.ts";
import { refusedPlans } from "../check/refusedPlans.ts";
import { type Check, fail, ok, warn } from "./Check.ts";

const daySeconds = 86_400n;

/** Guardians against the quorum, and the policy's own end. `now` in Unix seconds. */
export function checkPolicy({ policy, playbooks, sender }: Settings, now: bigint): readonly Check[] {
  if (policy === null)
    return [
      warn(
        "policy",
        "There is none: alerts only, nothing is ever proposed on chain.",
        "Name `policy` and `playbooks` to act.",
      ),
    ];
  const people = new Set(policy.guardians).size;
  const spare = people - policy.quorum;
  return [
    // Below this one person who is asleep or has lost a key stops everything.
    spare === 0
      ? warn("guardians", `All ${people} guardians have to sign.`, "Name one more guardian than the quorum needs.")
      : ok("guardians", `${policy.quorum} of ${people} sign`),
    checkExpiry(policy.expiresAt, now),
    playbooks.length === 0
      ? warn("playbooks", "There is none: the policy allows pauses that nothing plans.", "Add pausePlaybook({ … }).")
      : checkPlans(policy, playbooks, now),
    sender === undefined
      ? warn("sender", "No account pays for sending.", "Name `sender`, or send approved pauses by other means.")
      : ok("sender", `"${sender.keystore}"`),
  ];
}

function checkPlans(policy: Policy, playbooks: readonly Playbook[], now: bigint): Check {
  const refused = playbooks.flatMap((playbook) =>
    refusedPlans(playbook, policy, now).map((why) => `"${playbook.id}" plans what the policy refuses: ${why}.`),
  );
  if (refused.length === 0) return ok("playbooks", playbooks.map(({ id }) => id).join(", "));
  return fail("playbooks", refused.join(" "), "Name it in the policy's `permissions`, or take it out of the playbook.");
}

function checkExpiry(expiresAt: bigint, now: bigint): Check {
  const date = new Date(Number(expiresAt) * 1_000).toISOString().slice(0, 10);
  if (expiresAt <= now) return fail("policy", `It expired on ${date}.`, "Review it and set a new `expiresAt`.");
  const days = (expiresAt - now) / daySeconds;
  if (days < 14n)
    return warn("policy", `It expires in ${days} days, on ${date}.`, "Review it and set a new `expiresAt`.");
  return ok("policy", `valid until ${date}`);
}
