import { liquidatableInvariant, oracleMoveInvariant, riskSteward } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeDeployData, encodeFunctionData, getAbiItem, toFunctionSelector, zeroHash } from "viem";
import { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import { type CallExpectation, type Context, type DeployModule, type Setting, whyOf } from "../DeployModule.ts";
import { amount, bounded, daySeconds, id20, id32, refuse, repeated } from "../deployFields.ts";
import { healthyOf } from "./healthyOf.ts";

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
}).superRefine(({ parameters, stewards, guardian }, context) => {
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
  if (stewards.includes(guardian))
    refuse(
      context,
      ["guardian"],
      "The guardian is a steward.",
      "Allowed: another account.",
      "A thief of the key would be the one to dismiss it.",
    );
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

// What a stolen steward key can call: the council pauses these one by one.
const guarded = (["propose", "applyBatch", "revertToLastGood"] as const).map((name) =>
  toFunctionSelector(getAbiItem({ abi: riskSteward.abi, name })),
);

/** The steward of `file` with its invariants. */
export function stewardModule(file: StewardFile): DeployModule {
  const created = file.invariants.flatMap((item, i) => (item.kind === "existing" ? [] : [invariantName(i)]));
  return {
    name: "steward",
    contracts: ["steward", ...created],
    creations: (context) => [
      {
        contract: "steward",
        code: encodeDeployData({
          ...riskSteward,
          args: [context.addressOf("breaker"), context.addressOf("timelock"), file.guardian],
        }),
      },
      ...file.invariants.flatMap((item, i) => {
        const code = invariantCode(item);
        return code === undefined ? [] : [{ contract: invariantName(i), code }];
      }),
    ],
    registers: (context) => ({
      targets: [{ target: context.addressOf("steward"), inlined: true, guarded, exempt: [] }],
    }),
    settings: (context) => settingsOf(file, context),
    expects: (context) => {
      const base = baseOf(context);
      const logs = { kind: "logs", module: "steward", address: base.to, abi: base.abi } as const;
      return [
        { ...base, field: "breaker", functionName: "selectorBreaker", expected: context.addressOf("breaker") },
        { ...base, field: "timelock", functionName: "timelock", expected: context.addressOf("timelock") },
        { ...base, field: "guardian", functionName: "council", expected: file.guardian },
        ...file.parameters.flatMap((item) => [boundsProof(item, context), valueProof(item, context)]),
        invariantsProof(file, context),
        {
          ...logs,
          field: "parameters",
          events: ["BoundsSet"],
          sum: (seen) => [...new Set(seen.map(({ args }) => String(args.id)))].sort(),
          expected: file.parameters.map(({ id }) => id.id).sort(),
        },
        {
          ...logs,
          field: "stewards",
          events: ["StewardSet"],
          sum: (seen) => {
            const allowed = new Map(
              seen.map(({ args }) => [String(args.steward).toLowerCase(), args.allowed === true]),
            );
            return [...allowed].flatMap(([steward, isAllowed]) => (isAllowed ? [steward] : [])).sort();
          },
          expected: [...file.stewards].sort(),
        },
        healthyOf(base),
      ];
    },
  };
}

/** The addresses outside the deployment that the file's invariants read. */
export function invariantSources(file: StewardFile): readonly (readonly [path: PropertyKey[], address: Address])[] {
  return file.invariants.map((item, i) =>
    item.kind === "existing"
      ? ([["steward", "invariants", i, "address"], item.address] as const)
      : ([["steward", "invariants", i, "model"], item.model] as const),
  );
}

const invariantName = (index: number) => `invariant ${index}`;

function invariantCode(item: StewardFile["invariants"][number]): Hex | undefined {
  switch (item.kind) {
    case "oracleMove":
      return encodeDeployData({ ...oracleMoveInvariant, args: [item.model, item.maxMoveBps] });
    case "liquidatable":
      return encodeDeployData({ ...liquidatableInvariant, args: [item.model, item.maxPartBps] });
    case "existing":
      return undefined;
  }
}

function baseOf(context: Context) {
  return { kind: "call", module: "steward", to: context.addressOf("steward"), abi: riskSteward.abi } as const;
}

function boundsOf(item: StewardFile["parameters"][number]) {
  return {
    maxStepBps: item.maxStepBps,
    relative: item.relative,
    cooldown: item.cooldownSeconds,
    floor: item.floor,
    ceil: item.ceil,
    tightDirection: item.tighter === "lower" ? 0 : 1,
    coupledGroup: item.group?.id ?? zeroHash,
    ramp: item.rampSeconds,
  };
}

function boundsProof(item: StewardFile["parameters"][number], context: Context): CallExpectation {
  return {
    ...baseOf(context),
    field: `bounds of ${item.id.name}`,
    functionName: "boundsOf",
    args: [item.id.id],
    expected: boundsOf(item),
  };
}

// Stewards move values: what has to hold is that there is one and that it lies within the bounds.
function valueProof(item: StewardFile["parameters"][number], context: Context): CallExpectation {
  const within = `from ${item.floor} to ${item.ceil}`;
  return {
    ...baseOf(context),
    field: `value of ${item.id.name}`,
    functionName: "parameter",
    args: [item.id.id],
    pick: ([value, , changedAt]: readonly [bigint, bigint, number]) =>
      changedAt === 0 ? "not set" : value >= item.floor && value <= item.ceil ? within : String(value),
    expected: within,
  };
}

function invariantsProof(file: StewardFile, context: Context): CallExpectation {
  return { ...baseOf(context), field: "invariants", functionName: "invariants", expected: invariantsOf(file, context) };
}

function invariantsOf(file: StewardFile, context: Context): readonly Address[] {
  return file.invariants.map((item, i) =>
    item.kind === "existing" ? item.address : context.addressOf(invariantName(i)),
  );
}

// Bounds before values, values before invariants: an invariant that reads a value of zero would refuse the first one.
function settingsOf(file: StewardFile, context: Context): readonly Setting[] {
  const to = context.addressOf("steward");
  const abi = riskSteward.abi;
  const why = whyOf(context);
  return [
    ...file.parameters.map(
      (item): Setting => ({
        what: `steward: bounds of ${item.id.name}`,
        to,
        data: encodeFunctionData({ abi, functionName: "setBounds", args: [item.id.id, boundsOf(item), why] }),
        proofs: [boundsProof(item, context)],
      }),
    ),
    ...batchesOf(file).map(
      (items): Setting => ({
        what: `steward: first value of ${items.map(({ id }) => id.name).join(", ")}`,
        to,
        data: encodeFunctionData({
          abi,
          functionName: "setValues",
          args: [items.map(({ id }) => id.id), items.map(({ value }) => value), why],
        }),
        proofs: items.map((item) => valueProof(item, context)),
      }),
    ),
    {
      what: `steward: ${file.invariants.length} invariants`,
      to,
      data: encodeFunctionData({ abi, functionName: "setInvariants", args: [invariantsOf(file, context), why] }),
      proofs: [invariantsProof(file, context)],
    },
    ...file.stewards.map(
      (steward): Setting => ({
        what: `steward: ${steward} becomes a steward`,
        to,
        data: encodeFunctionData({ abi, functionName: "setSteward", args: [steward, true, why] }),
        proofs: [
          {
            ...baseOf(context),
            field: `steward ${steward}`,
            functionName: "isSteward",
            args: [steward],
            expected: true,
          },
        ],
      }),
    ),
  ];
}

/** Parameters that are written together, ids ascending: groups whole, the others one by one. */
function batchesOf({ parameters }: StewardFile): readonly (readonly StewardFile["parameters"][number][])[] {
  const batches = new Map<string, StewardFile["parameters"][number][]>();
  for (const item of parameters) {
    const key = item.group === undefined ? `alone ${item.id.id}` : `group ${item.group.id}`;
    batches.set(key, [...(batches.get(key) ?? []), item]);
  }
  return [...batches.values()].map((items) => items.toSorted((a, b) => (a.id.id < b.id.id ? -1 : 1)));
}
