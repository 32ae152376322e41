import type { Action, PausePlan } from "../model/Action.ts";
import type { Hex } from "../model/Hex.ts";
import type { PausePermission, Policy } from "../model/Policy.ts";
import { hashOf } from "../model/Record.ts";
import { budgetRefusals } from "./budgetOf.ts";
import { deriveRefusals } from "./deriveCheck.ts";
import { PolicyRefused } from "./PolicyRefused.ts";
import { permissionsIn } from "./permissionsIn.ts";
import { ruleRefusals } from "./ruleCheck.ts";

/** A pause longer than this is refused by the contracts as well (BREAKER-02). */
export const maxPauseSeconds = 72 * 3_600;

/** The longest that a relay may have bytes to itself where the public nodes are allowed, in blocks. */
export const maxPrivateBlocks = 1_000;

/** Most that a rate limit may count, and the longest it may look back (30 days). */
export const maxActions = 1_000;
export const maxRateSeconds = 30 * 86_400;

/** Builds a policy and its id. Throws PolicyRefused where it would allow what no policy may allow (RESP-02). */
export function toPolicy(body: Omit<Policy, "id">): Policy {
  const [refusal] = policyRefusals(body);
  if (refusal !== undefined) throw refusal;
  return Object.freeze({ ...body, id: hashOf(body) });
}

/** All that keeps `body` from being a policy. */
export function* policyRefusals(body: Omit<Policy, "id">): Generator<PolicyRefused> {
  for (const [i, permission] of body.permissions.entries()) yield* permissionRefusals(permission, i);
  yield* twiceRefusals(body.permissions);
  yield* timeRefusals(body);
  yield* budgetRefusals(body);
  yield* ruleRefusals(body);
  yield* deriveRefusals(body);
  yield* relayRefusals(body.relay);
  yield* rateRefusals(body.rateLimit);
  if (!Number.isInteger(body.quorum) || body.quorum < 2)
    yield new PolicyRefused(
      ["quorum"],
      `Quorum is ${body.quorum}.`,
      "At least two guardians have to agree.",
      "Set `quorum` to 2 or more.",
    );
  if (new Set(body.guardians).size < body.quorum)
    yield new PolicyRefused(
      ["guardians"],
      `Quorum is ${body.quorum} with ${new Set(body.guardians).size} guardian(s).`,
      "The quorum cannot be reached.",
      "Name more guardians, or lower `quorum`.",
    );
}

const finalSeconds = 1_800;

// What waits longer than signatures last is never sent. No chain makes blocks faster than a few a second.
function* timeRefusals(policy: Omit<Policy, "id">): Generator<PolicyRefused> {
  const { deadlineSeconds } = policy;
  for (const { permission } of permissionsIn(policy)) {
    const { target, finality } = permission;
    const least = finality === undefined ? 0 : finality === "finalized" ? finalSeconds : finality / 4;
    if (deadlineSeconds >= least) continue;
    yield new PolicyRefused(
      ["deadlineSeconds"],
      `Actions on ${target} wait until their causes are ${finality === "finalized" ? finality : `${finality} blocks deep`}, and are signed for ${deadlineSeconds} s.`,
      `Needed: ${least} s at the least, and on most chains more.`,
      "Raise `deadlineSeconds`, or lower `finality`.",
    );
  }
}

// Two permissions for one contract could contradict each other: what one exempts the other could list as pausable.
function* twiceRefusals(permissions: readonly PausePermission[]): Generator<PolicyRefused> {
  for (const [i, { target, name }] of permissions.entries()) {
    if (permissions.findIndex((other) => other.target === target) === i) continue;
    yield new PolicyRefused(
      ["permissions", i],
      `Target ${target} ("${name}") has two permissions.`,
      "One permission says all that may be done to a contract.",
      "Put their selectors and exempt selectors together.",
    );
  }
}

// At 0 blocks everybody would have the bytes as soon as the relay has them.
function* relayRefusals(relay: Policy["relay"]): Generator<PolicyRefused> {
  if (relay === undefined || relay.publicAfterBlocks === "never") return;
  const { name, publicAfterBlocks: blocks } = relay;
  if (Number.isInteger(blocks) && blocks >= 1 && blocks <= maxPrivateBlocks) return;
  yield new PolicyRefused(
    ["relay", "publicAfterBlocks"],
    `Relay ${name} has bytes to itself for ${blocks} blocks.`,
    `Allowed: 1 to ${maxPrivateBlocks} blocks, or "never" to forbid the public nodes.`,
    "Set `relay.publicAfterBlocks` within that.",
  );
}

function* rateRefusals(limit: Policy["rateLimit"]): Generator<PolicyRefused> {
  for (const [name, most] of [
    ["actions", maxActions],
    ["seconds", maxRateSeconds],
  ] as const) {
    const value = limit?.[name];
    if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= most)) continue;
    yield new PolicyRefused(
      ["rateLimit", name],
      `\`rateLimit.${name}\` is ${value}.`,
      `Allowed: 1 to ${most}.`,
      "Correct it, or leave `rateLimit` out.",
    );
  }
}

function* permissionRefusals(permission: PausePermission, index: number): Generator<PolicyRefused> {
  for (const both of permission.selectors.filter((selector) => permission.exempt.includes(selector)))
    yield new PolicyRefused(
      ["permissions", index, "selectors"],
      `Selector ${both} of "${permission.name}" reduces risk and is listed as pausable.`,
      "Users must be able to close, repay and add margin under every pause.",
      `Take ${both} out of \`selectors\`.`,
    );
  const { maxDurationSeconds } = permission;
  if (!Number.isInteger(maxDurationSeconds) || maxDurationSeconds <= 0 || maxDurationSeconds > maxPauseSeconds)
    yield new PolicyRefused(
      ["permissions", index, "maxDurationSeconds"],
      `A pause of "${permission.name}" may last ${permission.maxDurationSeconds} s.`,
      `Allowed: 1 to ${maxPauseSeconds} s (72 h).`,
      "Set `maxDurationSeconds` within that.",
    );
}

/** Why `plan` is not allowed under `policy` at time `now` (Unix seconds); undefined if it is. */
export function refusalOf(policy: Policy, plan: PausePlan, now: bigint): string | undefined {
  if (now >= policy.expiresAt) return `policy expired at ${policy.expiresAt}`;
  const permission = policy.permissions.find((p) => p.target === plan.target);
  if (permission === undefined) return `target ${plan.target} is not in the policy`;
  if (plan.selectors.length === 0) return "no selector named";
  const outside = plan.selectors.find((selector) => !permission.selectors.includes(selector));
  if (outside !== undefined) return `selector ${outside} of ${permission.name} is not in the policy`;
  if (plan.durationSeconds <= 0 || plan.durationSeconds > permission.maxDurationSeconds)
    return `duration ${plan.durationSeconds} s is outside 1..${permission.maxDurationSeconds} s`;
  return undefined;
}

/** Why `policy` lets no further action begin beside `begun` ones within its rate limit; undefined if it does. */
export function refusalOfRate({ rateLimit }: Policy, begun: number): string | undefined {
  if (rateLimit === undefined || begun < rateLimit.actions) return undefined;
  return `${begun} actions were begun within ${rateLimit.seconds} s, ${rateLimit.actions} may be: the rest is for people`;
}

/**
 * What cools off by itself: one selector of one target, for pauses and for rules (RESP-05). A rule that did not help must
 * not hold the pause back.
 */
export function coolOffKey(type: Action["type"], target: Hex, selector: Hex): string {
  return `${type === "pause" ? "" : `${type}:`}${target}:${selector}`;
}
