import { liquidatableInvariant, oracleMoveInvariant, riskSteward } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { zeroHash } from "@testudo/core/model/Hex";
import { encodeDeployData, encodeFunctionData, getAbiItem, toFunctionSelector } from "viem/utils";
import { type CallExpectation, type Context, type DeployModule, type Setting, whyOf } from "../DeployModule.ts";
import { healthyOf } from "./healthyOf.ts";
import type { StewardFile } from "./stewardSchema.ts";

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
