import type { Address } from "@testudo/core/model/Hex";
import { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import { amount, bounded, daySeconds, id20, id32, refuse, repeated } from "../deployFields.ts";
import type { NamedAccount } from "../NamedAccount.ts";

const parameter = strict({
  id: id32,
  maxStepBps: bounded(
    1,
    5_000,
    "1/10,000",
    "A step of half or more leads a stolen steward key out of any bounds in two.",
  ),
  /** Of the present value; else of `ceil`. */
  relative: z.boolean({ error: "Allowed: true or false." }),
  cooldownSeconds: bounded(
    3_600,
    365 * daySeconds,
    "seconds",
    "Without a cooldown a stolen key takes all steps in one block, and the bound of a step is none.",
  ),
  rampSeconds: bounded(0, 365 * daySeconds, "seconds", "How long a tightening takes to hold.").default(0),
  floor: amount(128, 0n, "The least value that a steward may set."),
  ceil: amount(128, 1n, "The greatest value that a steward may set."),
  /** Which way is safer: a cap is tighter when lower, a margin when higher. */
  tighter: z.enum(["lower", "higher"], { error: 'Allowed: "lower" or "higher".' }),
  group: id20.optional(),
  /** The first value. */
  value: amount(128, 0n, "The first value, which the timelock sets."),
}).superRefine(({ floor, ceil, value, rampSeconds, cooldownSeconds }, context) => {
  if (floor > ceil)
    refuse(
      context,
      ["floor"],
      `floor is ${floor}, ceil ${ceil}.`,
      "Allowed: floor <= ceil.",
      "No value lies between them.",
    );
  else if (value < floor || value > ceil)
    refuse(context, ["value"], `value is ${value}.`, `Allowed: ${floor} to ${ceil}.`, "The contract refuses it.");
  if (rampSeconds > cooldownSeconds)
    refuse(
      context,
      ["rampSeconds"],
      `The ramp takes ${rampSeconds} s, the cooldown ${cooldownSeconds} s.`,
      "Allowed: a ramp no longer than the cooldown.",
      "A step would begin while the one before is under way.",
    );
});

const invariant = z.discriminatedUnion(
  "kind",
  [
    strict({
      kind: z.literal("oracleMove"),
      model: address,
      maxMoveBps: bounded(1, 5_000, "1/10,000", "How far one change may move the protocol's own price."),
    }),
    strict({
      kind: z.literal("liquidatable"),
      model: address,
      maxPartBps: bounded(0, 5_000, "1/10,000", "The part of all margin that one change may make liquidatable."),
    }),
    strict({ kind: z.literal("existing"), address }),
  ],
  { error: 'Allowed: kind "oracleMove", "liquidatable" or "existing", with its fields.' },
);

/** Parameters that a program may move within bounds. */
export const stewardSchema = strict({
  /** A Safe that may dismiss a steward at once. */
  guardian: address,
  stewards: list(address, 1, 8, "addresses"),
  parameters: list(parameter, 1, 255, "parameters"),
  invariants: list(invariant, 1, 7, "invariants; without one nothing holds a change that is wrong in itself"),
}).superRefine(({ parameters, stewards }, context) => {
  for (const [again] of repeated(parameters.map(({ id }) => id.id)))
    refuse(
      context,
      ["parameters", again, "id"],
      "The parameter is there already.",
      "Allowed: each once.",
      "The later bounds would replace the earlier.",
    );
  for (const [again] of repeated(stewards))
    refuse(context, ["stewards", again], "The steward is there already.", "Allowed: each once.", "Take it out.");
  for (const [group, ids] of groupsOf(parameters))
    if (ids.length > 7)
      refuse(
        context,
        ["parameters"],
        `Group "${group}" has ${ids.length} parameters.`,
        "Allowed: 7.",
        "A group is written in one batch.",
      );
});

function groupsOf(parameters: readonly z.output<typeof parameter>[]): Map<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const { id, group } of parameters)
    if (group !== undefined) groups.set(group.name, [...(groups.get(group.name) ?? []), id.id]);
  return groups;
}

export type StewardFile = z.output<typeof stewardSchema>;

/** Who has a role in `file`. */
export function stewardAccounts({ stewards, guardian }: StewardFile): readonly NamedAccount[] {
  return [
    ...stewards.map(
      (account, i): NamedAccount => ({
        kind: "steward",
        path: ["steward", "stewards", i],
        account,
        role: "steward",
      }),
    ),
    { kind: "stewardGuardian", path: ["steward", "guardian"], account: guardian, role: "guardian of the stewards" },
  ];
}

/** The addresses outside the deployment that the file's invariants read. */
export function invariantSources(file: StewardFile): readonly (readonly [path: PropertyKey[], address: Address])[] {
  return file.invariants.map((item, i) =>
    item.kind === "existing"
      ? ([["steward", "invariants", i, "address"], item.address] as const)
      : ([["steward", "invariants", i, "model"], item.model] as const),
  );
}
