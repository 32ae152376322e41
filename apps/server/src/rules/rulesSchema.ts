import { z } from "zod";
import { spanSeconds } from "../author/spanSeconds.ts";
import { address, filled, list, severity, strict, text } from "../config/fields.ts";

// A rules file is read without guessing types: every value is text, so that no address becomes a number.

const expression = text('an expression, such as "amount > 1000e18"');

const span = z.string({ error: 'Allowed: "10s", "5m", "1h", "7d".' }).transform((value, context) => {
  try {
    return spanSeconds(value);
  } catch {
    context.issues.push({ code: "custom", message: 'Allowed: "10s", "5m", "1h", "7d"; at most a year.', input: value });
    return z.NEVER;
  }
});

const addresses = z
  .union([z.literal("any"), address, list(address, 1, 256, "addresses")], {
    error: 'Allowed: an address, a list of addresses, or "any".',
  })
  .transform((value) => (value === "any" || Array.isArray(value) ? value : [value]));

const what = {
  event: text('an event, such as "event Withdraw(address indexed user, uint256 amount)"').optional(),
  call: text('a function that is called, such as "function withdraw(uint256 amount)"').optional(),
  entry: text("a function that a transaction itself calls").optional(),
  where: expression.optional(),
};

const oneOf = "Allowed: one of event, call, entry.";
const match = strict(what).refine(
  (it) => [it.event, it.call, it.entry].filter((one) => one !== undefined).length === 1,
  {
    error: oneOf,
  },
);

const window = strict({
  over: span,
  /** What is summed; absent: matches are counted. */
  sum: expression.optional(),
  by: list(expression, 1, 4, "names").optional(),
  when: text('a condition over sum and count, such as "sum > 5000e18"'),
});

const status = z.enum(["success", "failure", "any"], { error: "Allowed: success, failure, any." });

const read = strict({
  call: text('a view without arguments, such as "function totalAssets() view returns (uint256)"'),
  at: z.enum(["parent", "block"], { error: "Allowed: parent, block." }).default("parent"),
});

const versionError = 'Allowed: a version such as "1.0.0".';
const idError = "Allowed: lower case, digits and hyphens.";

const rule = strict({
  id: z.string({ error: idError }).regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: idError }),
  version: z
    .string({ error: versionError })
    .regex(/^\d+\.\d+\.\d+$/, { error: versionError })
    .default("1.0.0"),
  severity: severity.optional(),
  kind: z.enum(["anomaly", "damage"], { error: "Allowed: anomaly, damage." }).default("anomaly"),
  owner: filled("who answers for it").optional(),
  runbook: filled("where it stands what to do").optional(),
  reason: text("one sentence for a person").optional(),
  address: addresses.optional(),
  ...what,
  any: list(match, 1, 64, "matches").optional(),
  tx: strict({ status: status.default("any"), where: expression.optional() }).optional(),
  reads: z.record(z.string().regex(/^[A-Za-z_]\w*$/), read, { error: "Allowed: views by name." }).optional(),
  window: window.optional(),
}).refine((it) => [it.event, it.call, it.entry, it.any].filter((one) => one !== undefined).length <= 1, {
  error: "Allowed: one of event, call, entry, any; or none of them for any transaction that touches the address.",
});

/** A rules file. */
export const rulesSchema = strict({
  defaults: strict({
    severity: severity.optional(),
    owner: filled("who answers for the rules").optional(),
    runbook: filled("where it stands what to do").optional(),
    address: addresses.optional(),
  }).default({}),
  rules: list(rule, 1, 5_000, "rules"),
});

export type RulesFile = z.output<typeof rulesSchema>;
export type RuleSettings = RulesFile["rules"][number];
export type MatchSettings = z.output<typeof match>;
/** What a file for this schema is written from. */
export type RulesInput = z.input<typeof rulesSchema>;
