// What a power of the scenario costs and how likely it is: said by whoever declares it, or by the risk engine's models.
import type { Attacker } from "@testudo/core/risk/attack/Attacker";
import { AttackInputError } from "@testudo/core/risk/attack/AttackInputError";
import { costOfMove, openPricer } from "@testudo/core/risk/attack/costOfMove";
import { fullRangePool } from "@testudo/core/risk/attack/Pool";
import { probabilityOf } from "@testudo/core/risk/attack/probabilityOf";
import type { Chance } from "@testudo/core/risk/attack/Threat";
import { z } from "zod";
import { strict, whole } from "../config/fields.ts";

const move = z
  .number({ error: "Allowed: a relative move above -1, such as -0.2." })
  .gt(-1, { error: "Allowed: a relative move above -1, such as -0.2." })
  .refine((value) => value !== 0, { error: "Allowed: a relative move that is not 0." });
const above = (what: string) => z.number({ error: `Allowed: ${what}.` }).positive({ error: `Allowed: ${what}.` });
const likely = "Allowed: a number above 0, up to 1, or {move, sigma, seconds}.";

const stated = z
  .number({ error: likely })
  .gt(0, { error: likely })
  .max(1, { error: likely })
  .transform((probability): Chance => chanceOf(probability, "scenario"));
const moved = strict({
  move,
  sigma: above("volatility over a year, above 0").max(100, { error: "Allowed: at most 100." }),
  mu: z.number({ error: "Allowed: growth over a year." }).default(0),
  seconds: whole(1, 3_153_600_000, "seconds"),
}).transform(
  ({ move: by, sigma, mu, seconds }): Chance => ({ model: "move", move: by, motion: { sigma, mu }, seconds }),
);

/** A probability, or a move of the market within a time, whose chance is that of geometric Brownian motion. */
export const chanceField = z.union([stated, moved], { error: likely });

const bent = strict({
  move,
  pool: strict({
    quote: above("the pool's reserve of what costs are told in, above 0"),
    base: above("the pool's reserve of what is priced, above 0"),
    fee: z.number({ error: "Allowed: a part of 1." }).min(0).lt(1, { error: "Allowed: a part of 1, such as 0.003." }),
  }),
  blocks: whole(1, 1_000, "blocks of the mean").default(1),
  mean: z.enum(["geometric", "arithmetic"], { error: "Allowed: geometric or arithmetic." }).default("geometric"),
  /** Whether somebody brings the pool back in each next block. */
  arbitrage: z.boolean({ error: "Allowed: true or false." }).default(true),
});

/** What it costs at least to move a pool's mean price, in the unit of account, WAD; rounded up. */
export const costField = bent.transform(({ move: by, pool, blocks, mean, arbitrage }, context): bigint => {
  const oracle = {
    sources: [{ kind: "twap", id: "pool", pool: fullRangePool({ id: "pool", ...pool }), blocks, mean }],
    rule: { kind: "median" },
  } as const;
  const attacker: Attacker = { arbitrageEveryBlock: arbitrage };
  try {
    const found = costOfMove(oracle, by, openPricer(attacker));
    if (found !== undefined) return BigInt(Math.ceil(found.cost * 1e6)) * 10n ** 12n;
    context.addIssue({ code: "custom", message: "Allowed: a move that the pool can make." });
  } catch (error) {
    if (!(error instanceof AttackInputError)) throw error;
    context.addIssue({ code: "custom", message: error.message.split("\n")[0]! });
  }
  return 0n;
});

/** The field's own error where neither form fits. */
export const costError = "Allowed: a decimal number as a text, or {move, pool}.";

/** The chance that all of `powers` come together: that of one as it is, of several the product. */
export function chanceOfAll(powers: readonly number[], chances: readonly Chance[]): Chance {
  const asked = powers.map((power) => chances[power]!);
  if (asked.length === 1) return asked[0]!;
  return chanceOf(
    asked.reduce((all, chance) => all * probabilityOf(chance), 1),
    "scenario",
  );
}

function chanceOf(probability: number, by: string): Chance {
  return probability === 1 ? { model: "always" } : { model: "stated", probability, by };
}
