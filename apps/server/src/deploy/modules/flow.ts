import { flowLimiter } from "@testudo/contracts";
import type { Hex } from "@testudo/core/model/Hex";
import { keptCapDown } from "@testudo/core/risk/FlowBucket";
import { encodeDeployData } from "viem/utils";
import { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import type { Context, DeployModule, Expectation } from "../DeployModule.ts";
import { amount, bounded, daySeconds, maxPauseSeconds, person, refuse, repeated } from "../deployFields.ts";
import { healthyOf } from "./healthyOf.ts";

const noCap = (1n << 128n) - 1n;

const limit = strict({
  asset: address,
  /** In the asset's units; left out: only the share counts. */
  capAbs: amount(
    112,
    1n,
    "A cap of zero lets nothing out: every user is locked in from the first block; one that no token reaches limits nothing.",
  ).optional(),
  /** Share of the protected contract's balance in 1/10,000; left out: only `capAbs` counts. */
  capBpsOfTvl: bounded(
    1,
    5_000,
    "1/10,000",
    "Zero locks every user in; above half of what there is, one window lets a thief have most of it.",
  ).optional(),
  windowSeconds: bounded(
    300,
    30 * daySeconds,
    "seconds",
    "A full bucket empties in one window: at zero, or within a few blocks, the cap bounds nothing.",
  ),
  mode: z.enum(["revert", "queue"], { error: 'Allowed: "revert" or "queue".' }),
  /** The part of the cap at which anyone may trip the group, in 1/10,000. */
  tripBps: bounded(1, 10_000, "1/10,000", "At zero nothing ever trips."),
}).superRefine(({ asset, capAbs, capBpsOfTvl, mode }, context) => {
  if (capAbs === undefined && capBpsOfTvl === undefined)
    refuse(
      context,
      [],
      "The limit has no cap.",
      "Allowed: capAbs, capBpsOfTvl or both.",
      "Without one nothing is limited.",
    );
  if (BigInt(asset) === 0n && mode === "queue")
    refuse(
      context,
      ["mode"],
      "The chain's own coin is to be queued.",
      'Allowed: "revert" for the zero address.',
      "The limiter takes what waits as a token: every call beyond the cap would fail in any case.",
    );
});

/** Limits of one protected contract. */
export const flowSchema = strict({
  contract: person("the name of a protected contract"),
  /** What a full bucket pauses. */
  group: z.string({ error: "Allowed: the name of a group." }),
  tripSeconds: bounded(
    1,
    maxPauseSeconds,
    "seconds",
    "A trip of zero pauses nothing; above 72 h a pause would outlast what the breaker allows: every pause has an end.",
  ),
  limits: list(limit, 1, 32, "limits"),
}).superRefine(({ limits }, context) => {
  for (const [again] of repeated(limits.map(({ asset }) => asset)))
    refuse(
      context,
      ["limits", again, "asset"],
      "The asset has a limit already.",
      "Allowed: each once.",
      "The later one would replace the earlier.",
    );
});

export type FlowFile = z.output<typeof flowSchema>;

/** The limiter of one protected contract; `group` is the id of what it trips. */
export function flowModule(file: FlowFile, group: Hex): DeployModule {
  const name = `limiter ${file.contract}`;
  const baseOf = (context: Context) =>
    ({ kind: "call", module: name, to: context.addressOf(name), abi: flowLimiter.abi }) as const;
  return {
    name,
    contracts: [name],
    creations: (context) => [
      {
        contract: name,
        code: encodeDeployData({
          ...flowLimiter,
          args: [
            context.targetOf(file.contract),
            context.addressOf("breaker"),
            group,
            file.tripSeconds,
            context.addressOf("council"),
            context.addressOf("timelock"),
            file.limits.map(({ asset }) => asset),
            file.limits.map(toLimit),
          ],
        }),
      },
    ],
    registers: (context) => ({ trippers: [{ caller: context.addressOf(name), group }] }),
    expects: (context) => {
      const base = baseOf(context);
      const plain = {
        protectedContract: context.targetOf(file.contract),
        breaker: context.addressOf("breaker"),
        group,
        tripSeconds: file.tripSeconds,
        council: context.addressOf("council"),
        timelock: context.addressOf("timelock"),
      };
      return [
        ...Object.entries(plain).map(
          ([field, expected]): Expectation => ({ ...base, field, functionName: field, expected }),
        ),
        ...file.limits.map(
          (item): Expectation => ({
            ...base,
            field: `limit of ${item.asset}`,
            functionName: "limitOf",
            args: [item.asset],
            expected: { ...toLimit(item), capAbs: keptCapDown(item.capAbs ?? noCap) },
          }),
        ),
        {
          kind: "logs",
          module: name,
          field: "assets with a limit",
          address: base.to,
          abi: base.abi,
          events: ["LimitSet"],
          sum: (logs) => [...new Set(logs.map(({ args }) => String(args.asset).toLowerCase()))].sort(),
          expected: file.limits.map(({ asset }) => asset).sort(),
        },
        healthyOf(base),
      ];
    },
  };
}

function toLimit(item: FlowFile["limits"][number]) {
  return {
    capAbs: item.capAbs ?? noCap,
    capBpsOfTvl: item.capBpsOfTvl ?? 0,
    window: item.windowSeconds,
    mode: item.mode === "revert" ? 0 : 1,
    tripBps: item.tripBps,
  };
}
