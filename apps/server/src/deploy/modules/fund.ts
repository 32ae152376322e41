import { insuranceFund } from "@testudo/contracts";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import type { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import {
  type CallExpectation,
  type Context,
  type DeployModule,
  type Expectation,
  type Setting,
  whyOf,
} from "../DeployModule.ts";
import { bounded, id32, person, refuse, repeated } from "../deployFields.ts";
import { healthyOf } from "./healthyOf.ts";

const cap = strict({
  market: id32,
  bps: bounded(1, 10_000, "1/10,000", "The share of the fund that one market may take, before the timelock renews it."),
});

/** The insurance fund of one protected contract. */
export const fundSchema = strict({
  contract: person("the name of a protected contract"),
  asset: address,
  caps: list(cap, 1, 64, "caps"),
}).superRefine(({ caps }, context) => {
  for (const [again] of repeated(caps.map(({ market }) => market.id)))
    refuse(
      context,
      ["caps", again, "market"],
      "The market has a cap already.",
      "Allowed: each once.",
      "The later one would replace the earlier.",
    );
});

export type FundFile = z.output<typeof fundSchema>;

/** The fund of `file`. */
export function fundModule(file: FundFile): DeployModule {
  const baseOf = (context: Context) =>
    ({ kind: "call", module: "fund", to: context.addressOf("fund"), abi: insuranceFund.abi }) as const;
  const proofOf = ({ market, bps }: FundFile["caps"][number], context: Context): CallExpectation => ({
    ...baseOf(context),
    field: `cap of ${market.name}`,
    functionName: "marketOf",
    args: [market.id],
    pick: ([capBps]: readonly [number, bigint]) => capBps,
    expected: bps,
  });
  return {
    name: "fund",
    contracts: ["fund"],
    creations: (context) => [
      {
        contract: "fund",
        code: encodeDeployData({
          ...insuranceFund,
          args: [
            context.targetOf(file.contract),
            file.asset,
            context.addressOf("council"),
            context.addressOf("timelock"),
          ],
        }),
      },
    ],
    settings: (context) =>
      file.caps.map(
        (item): Setting => ({
          what: `fund: market ${item.market.name} may take ${item.bps / 100} %`,
          to: context.addressOf("fund"),
          data: encodeFunctionData({
            abi: insuranceFund.abi,
            functionName: "setMarketCap",
            args: [item.market.id, item.bps, whyOf(context)],
          }),
          proofs: [proofOf(item, context)],
        }),
      ),
    expects: (context) => {
      const base = baseOf(context);
      const plain = {
        protectedContract: context.targetOf(file.contract),
        asset: file.asset,
        council: context.addressOf("council"),
        timelock: context.addressOf("timelock"),
      };
      return [
        ...Object.entries(plain).map(
          ([field, expected]): Expectation => ({ ...base, field, functionName: field, expected }),
        ),
        ...file.caps.map((item) => proofOf(item, context)),
        {
          kind: "logs",
          module: "fund",
          field: "markets with a cap",
          address: base.to,
          abi: base.abi,
          events: ["MarketCapSet"],
          sum: (logs) => [...new Set(logs.map(({ args }) => String(args.market)))].sort(),
          expected: file.caps.map(({ market }) => market.id).sort(),
        },
        healthyOf(base),
      ];
    },
  };
}
