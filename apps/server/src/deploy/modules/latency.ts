import { latencyBuffer } from "@testudo/contracts";
import type { Hex } from "viem";
import { encodeDeployData, encodeFunctionData, toHex } from "viem/utils";
import { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import { type CallExpectation, type Context, type DeployModule, type Setting, whyOf } from "../DeployModule.ts";
import { bounded, daySeconds, refuse, repeated } from "../deployFields.ts";
import { healthyOf } from "./healthyOf.ts";

const kind = strict({
  id: bounded(0, 255, "", "The number by which users ask for this kind of request."),
  handler: address,
  market: z.string({ error: "Allowed: the name of a market of the oracle." }),
  minBlocks: bounded(
    1,
    65_535,
    "blocks",
    "In the block of its request nobody can tell a price that came later from one that was known.",
  ),
  minSeconds: bounded(0, daySeconds, "seconds", "How much later than the request its price has to be."),
  windowSeconds: bounded(1, 64 * 3_600, "seconds", "A request that never lapses is a free option on the price."),
});

/** Requests that wait for the next price. */
export const latencySchema = strict({ kinds: list(kind, 1, 64, "kinds") }).superRefine(({ kinds }, context) => {
  for (const [again] of repeated(kinds.map(({ id }) => String(id))))
    refuse(
      context,
      ["kinds", again, "id"],
      "The id is used already.",
      "Allowed: each once.",
      "A kind is set once, for ever.",
    );
});

export type LatencyFile = z.output<typeof latencySchema>;

/** The buffer of `file`; `marketId` gives the id of an oracle's market by name. */
export function latencyModule(file: LatencyFile, marketId: (name: string) => Hex): DeployModule {
  const configOf = (item: LatencyFile["kinds"][number]) => ({
    handler: item.handler,
    minBlocks: item.minBlocks,
    minSeconds: item.minSeconds,
    window: item.windowSeconds,
    closed: false,
    market: marketId(item.market),
  });
  const baseOf = (context: Context) =>
    ({ kind: "call", module: "latency", to: context.addressOf("latency"), abi: latencyBuffer.abi }) as const;
  const proofOf = (item: LatencyFile["kinds"][number], context: Context): CallExpectation => ({
    ...baseOf(context),
    field: `kind ${item.id}`,
    functionName: "kindOf",
    args: [toHex(item.id, { size: 32 })],
    expected: configOf(item),
  });
  return {
    name: "latency",
    contracts: ["latency"],
    creations: (context) => [
      {
        contract: "latency",
        code: encodeDeployData({
          ...latencyBuffer,
          args: [context.addressOf("oracle"), context.addressOf("timelock")],
        }),
      },
    ],
    settings: (context) =>
      file.kinds.map(
        (item): Setting => ({
          what: `latency: kind ${item.id}`,
          to: context.addressOf("latency"),
          data: encodeFunctionData({
            abi: latencyBuffer.abi,
            functionName: "setKind",
            args: [toHex(item.id, { size: 32 }), configOf(item), whyOf(context)],
          }),
          proofs: [proofOf(item, context)],
        }),
      ),
    expects: (context) => {
      const base = baseOf(context);
      return [
        { ...base, field: "oracle", functionName: "oracle", expected: context.addressOf("oracle") },
        { ...base, field: "timelock", functionName: "timelock", expected: context.addressOf("timelock") },
        ...file.kinds.map((item) => proofOf(item, context)),
        {
          kind: "logs",
          module: "latency",
          field: "kinds",
          address: base.to,
          abi: base.abi,
          events: ["KindSet"],
          sum: (logs) => logs.map(({ args }) => Number(args.kind)).sort((a, b) => a - b),
          expected: file.kinds.map(({ id }) => id).sort((a, b) => a - b),
        },
        healthyOf(base),
      ];
    },
  };
}
