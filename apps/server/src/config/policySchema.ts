import { redactUrl } from "@testudo/chain/rpc/redactUrl";
import { deriveBudgetMaxMs } from "@testudo/core/governance/deriveCheck";
import {
  maxActions,
  maxPauseSeconds,
  maxRateSeconds,
  policyRefusals,
  toPolicy,
} from "@testudo/core/governance/policyCheck";
import { maxRuleSeconds } from "@testudo/core/governance/ruleCheck";
import { ruleKinds } from "@testudo/core/model/GuardRule";
import type { Policy } from "@testudo/core/model/Policy";
import { functionSelector } from "@testudo/core/model/signatureHash";
import { z } from "zod";
import { address, callData, list, selector, severity, strict, text, whole } from "./fields.ts";
import { relaySchema } from "./relaySchema.ts";

const daySeconds = 24 * 3_600;
const dateError = 'Allowed: Unix seconds, or a date such as "2027-03-31".';
const latestSecond = 253_402_300_799n;

// Milliseconds in place of seconds would make a policy that never expires: they are out of range here.
const instant = z.union([z.number(), z.bigint(), z.string()], { error: dateError }).transform((value, context) => {
  const seconds = secondsOf(value);
  if (seconds !== undefined && seconds > 0n && seconds <= latestSecond) return seconds;
  context.addIssue({ code: "custom", message: dateError });
  return z.NEVER;
});

function secondsOf(value: number | bigint | string): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  const ms = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : BigInt(Math.floor(ms / 1_000));
}

const finalityError = 'Allowed: 0 to 10,000 blocks, or "finalized".';
const finality = z.union(
  [z.int({ error: finalityError }).min(0, finalityError).max(10_000, finalityError), z.literal("finalized")],
  { error: finalityError },
);

const budgetPpm = z.number({ error: "Allowed: a whole number of millionths." });

const permission = strict({
  target: address,
  name: text("a name for people"),
  selectors: list(selector, 1, 16, "selectors"),
  exempt: list(selector, 0, 64, "selectors").default([]),
  maxDurationSeconds: whole(1, maxPauseSeconds, "seconds (72 h)"),
  finality: finality.optional(),
  budgetPpm: budgetPpm.optional(),
});

const rulePermission = strict({
  target: address,
  selectors: list(selector, 1, 16, "selectors"),
  kinds: list(z.enum(ruleKinds, { error: `Allowed: ${ruleKinds.join(", ")}.` }), 1, ruleKinds.length, "kinds"),
  maxDurationSeconds: whole(1, maxRuleSeconds, "seconds (36 h)"),
  finality: finality.optional(),
  budgetPpm: budgetPpm.optional(),
});

const amount = z
  .union([z.bigint(), z.int(), z.string().regex(/^\d{1,78}$/)], { error: "Allowed: a whole number, 0 or more." })
  .transform(BigInt)
  .refine((value) => value >= 0n, { error: "Allowed: a whole number, 0 or more." });

const boundable = strict({
  selector,
  argIndex: whole(0, 255, "words"),
  lowestMax: amount.optional(),
  highestMin: amount.optional(),
}).transform(({ lowestMax, highestMin, ...word }) => ({
  ...word,
  ...(lowestMax === undefined ? {} : { lowestMax }),
  ...(highestMin === undefined ? {} : { highestMin }),
}));

const deriveBounds = strict({
  permissions: list(
    rulePermission.extend({
      oracles: list(address, 0, 16, "addresses").default([]),
      amounts: list(boundable, 0, 64, "amounts").default([]),
    }),
    1,
    64,
    "permissions",
  ),
  aDay: whole(1, 24, "rules"),
  leastHonest: whole(1, 1_000, "senders").default(5),
  lookBackBlocks: whole(1, 50_000, "blocks").default(5_000),
  budgetMs: whole(1_000, deriveBudgetMaxMs, "ms").default(20_000),
});

const ruleBounds = strict({
  program: address,
  permissions: list(rulePermission, 0, 64, "permissions"),
  atOnce: whole(1, 16, "rules"),
  derived: deriveBounds.optional(),
})
  .refine(({ permissions, derived }) => permissions.length > 0 || derived !== undefined, {
    path: ["permissions"],
    error: "Allowed: a list of 1 to 64 permissions.",
  })
  .transform(({ derived, ...rest }) => (derived === undefined ? rest : { ...rest, derived }));

const haltFlag = strict({
  contract: address,
  function: z
    .string()
    .regex(/^[A-Za-z_$][\w$]*\(\)$/, { error: 'Allowed: a function without arguments, such as "halted()".' }),
}).transform(({ contract, function: text }) => ({ contract, selector: functionSelector(text) }));

const canary = strict({
  name: text("a name for people"),
  from: address,
  to: address,
  data: callData,
  expect: z.enum(["succeeds", "reverts"], { error: 'Allowed: "succeeds" or "reverts".' }),
});

/** A policy as a person writes it; gives one with its id, or says why it may not be. */
export const policySchema = strict({
  expiresAt: instant,
  permissions: list(permission, 1, 256, "permissions"),
  guardians: list(address, 2, 32, "guardian addresses"),
  quorum: whole(2, 32, "signatures"),
  council: address,
  breaker: address,
  // What is unusual is told as high at most, but for a changed administrator; with "critical" nothing could be proposed.
  minSeverity: severity.default("high"),
  coolOffSeconds: whole(0, 30 * daySeconds, "seconds").default(daySeconds),
  deadlineSeconds: whole(60, 7 * daySeconds, "seconds").default(3_600),
  canaries: list(canary, 0, 256, "canaries").default([]),
  rules: ruleBounds.optional(),
  relay: relaySchema.optional(),
  rateLimit: strict({
    actions: whole(1, maxActions, "actions"),
    seconds: whole(1, maxRateSeconds, "seconds"),
  }).optional(),
  haltFlag: haltFlag.optional(),
}).transform(({ rules, relay, rateLimit, haltFlag, ...body }, context): Policy => {
  // How the relay is reached may be a secret, and a policy is none: `loadConfig` keeps that apart.
  const terms = relay && { name: redactUrl(relay.url), publicAfterBlocks: relay.publicAfterBlocks };
  const written = {
    ...body,
    ...(rules ? { rules } : {}),
    ...(terms ? { relay: terms } : {}),
    ...(rateLimit ? { rateLimit } : {}),
    ...(haltFlag ? { haltFlag } : {}),
  };
  const refusals = [...policyRefusals(written)];
  for (const { message, path } of refusals) {
    const [what, ...rest] = message.split("\n- ");
    context.addIssue({ code: "custom", path: [...path], message: rest.join("\n- "), params: { what } });
  }
  return refusals.length > 0 ? z.NEVER : toPolicy(written);
});
