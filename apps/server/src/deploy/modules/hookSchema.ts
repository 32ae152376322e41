import { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import { amount, bounded, hash32, id32, maxPauseSeconds, refuse, repeated } from "../deployFields.ts";
import type { NamedAccount, NamedSource } from "../NamedAccount.ts";
import { severities } from "./bountySchema.ts";

const bucket = strict({
  /** In units of the vault's token. */
  lossLowerBound: amount(128, 1n, "A loss of nothing is no exploit: anyone could pause the group with it."),
  severity: z.enum(severities, { error: `Allowed: ${severities.join(", ")}.` }),
});

const program = strict({
  id: id32,
  /** The verifier that bb.js made for the circuit; HonkExploitVerifier is deployed over it. */
  honk: address,
  /** Registers the protocol's states: a contract that reads them off it, or a key. */
  source: address,
  pauseSeconds: bounded(
    1,
    maxPauseSeconds,
    "seconds",
    "A proof that pauses nothing leaves the hole open; above 72 h a pause would outlast what the breaker allows: every pause has an end.",
  ),
  modelVersion: bounded(1, 2 ** 32 - 1, "", "The version of the circuit's model."),
  group: z.string({ error: "Allowed: the name of a group." }),
  vkHash: hash32,
  /** The code that the circuit models; of a proxy the implementation. */
  targets: list(address, 1, 7, "addresses whose code the circuit models"),
  buckets: list(bucket, 1, 8, "buckets"),
}).superRefine(({ targets, buckets }, context) => {
  for (const [again] of repeated(targets))
    refuse(context, ["targets", again], "The target is there already.", "Allowed: each once.", "Take it out.");
  buckets.slice(1).forEach((item, i) => {
    const below = buckets[i]!;
    if (item.lossLowerBound <= below.lossLowerBound)
      refuse(
        context,
        ["buckets", i + 1, "lossLowerBound"],
        `The bound is ${item.lossLowerBound}, the one before ${below.lossLowerBound}.`,
        "Allowed: bounds that rise.",
        "The contract refuses it.",
      );
    if (severities.indexOf(item.severity) < severities.indexOf(below.severity))
      refuse(
        context,
        ["buckets", i + 1, "severity"],
        `The severity is ${item.severity}, that of the smaller loss ${below.severity}.`,
        "Allowed: severities that do not fall.",
        "An author would gain by proving a smaller loss.",
      );
  });
});

/** Programs whose holes can be proven. A proof pauses the program's group and opens a report in the bounty vault. */
export const hookSchema = strict({ programs: list(program, 1, 16, "programs") }).superRefine(
  ({ programs }, context) => {
    for (const [again] of repeated(programs.map(({ id }) => id.id)))
      refuse(
        context,
        ["programs", again, "id"],
        "The program is there already.",
        "Allowed: each once.",
        "The later one would replace the earlier.",
      );
  },
);

export type HookFile = z.output<typeof hookSchema>;

/** Who has a role in `file`. */
export function hookAccounts({ programs }: HookFile): readonly NamedAccount[] {
  return programs.map(({ source, id }, i) => ({
    kind: "source",
    path: ["hook", "programs", i, "source"],
    account: source,
    role: `source of the program ${id.name}`,
  }));
}

/** The contracts outside the deployment that `file` needs. */
export function hookSources({ programs }: HookFile): readonly NamedSource[] {
  return programs.flatMap(({ honk, targets }, i) => [
    [["hook", "programs", i, "honk"], honk] as const,
    ...targets.map((target, j) => [["hook", "programs", i, "targets", j], target] as const),
  ]);
}
