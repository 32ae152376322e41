import { oracleTripper } from "@testudo/contracts";
import type { Hex } from "@testudo/core/model/Hex";
import { encodeDeployData } from "viem/utils";
import { z } from "zod";
import { strict } from "../../config/fields.ts";
import type { Context, DeployModule, Expectation } from "../DeployModule.ts";
import { bounded, daySeconds, maxPauseSeconds } from "../deployFields.ts";
import { durationOf, type RoleText } from "../roleWords.ts";
import { healthyOf } from "./healthyOf.ts";

/** A market without a price trips a group. */
export const oracleTripperSchema = strict({
  market: z.string({ error: "Allowed: the name of a market of the oracle." }),
  group: z.string({ error: "Allowed: the name of a group." }),
  tripSeconds: bounded(
    1,
    maxPauseSeconds,
    "seconds",
    "A trip of zero pauses nothing; above 72 h a pause would outlast what the breaker allows: every pause has an end.",
  ),
  /** How old the last committed price has to be, beside what the oracle itself demands. */
  minSilenceSeconds: bounded(
    1,
    daySeconds,
    "seconds",
    "At zero a halt that is staged within one transaction pauses the group and spends its budget; after more than a day without a price nobody is helped.",
  ),
});

export type OracleTripperFile = z.output<typeof oracleTripperSchema>;

/** The tripper of one market; `market` and `group` are the ids of what it looks at and trips. */
export function oracleTripperModule(file: OracleTripperFile, market: Hex, group: Hex): DeployModule {
  const name = `tripper ${file.market}`;
  const plainOf = (context: Context) => ({
    oracle: context.addressOf("oracle"),
    market,
    breaker: context.addressOf("breaker"),
    group,
    tripSeconds: file.tripSeconds,
    minSilence: file.minSilenceSeconds,
  });
  return {
    name,
    contracts: [name],
    creations: (context) => {
      const { oracle, breaker } = plainOf(context);
      const args = [oracle, market, breaker, group, file.tripSeconds, file.minSilenceSeconds] as const;
      return [{ contract: name, code: encodeDeployData({ ...oracleTripper, args }) }];
    },
    registers: (context) => ({ trippers: [{ caller: context.addressOf(name), group }] }),
    expects: (context) => {
      const base = { kind: "call", module: name, to: context.addressOf(name), abi: oracleTripper.abi } as const;
      return [
        ...Object.entries(plainOf(context)).map(
          ([field, expected]): Expectation => ({ ...base, field, functionName: field, expected }),
        ),
        healthyOf(base),
      ];
    },
  };
}

/** What the tripper can do, for whoever calls it. */
export function oracleTripperRoles({ market, group, tripSeconds, minSilenceSeconds }: OracleTripperFile): RoleText {
  return {
    role: `the tripper of the market ${market}`,
    text: `Anyone may have it pause the group "${group}" for ${durationOf(tripSeconds)} while ${market} is halted and its last price older than ${durationOf(minSilenceSeconds)}. Whoever commits prices more often keeps staged halts out.`,
  };
}
