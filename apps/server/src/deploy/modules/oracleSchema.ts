import type { Address } from "@testudo/core/model/Hex";
import { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import { amount, bounded, daySeconds, id32, person, refuse, repeated } from "../deployFields.ts";

const bps = (min: number, max: number, why: string) => bounded(min, max, "1/10,000", why);

const adapter = z.discriminatedUnion(
  "kind",
  [
    strict({
      kind: z.literal("chainlink"),
      feed: address,
      /** The clamps of the feed's aggregator, in its decimals: an answer at one of them is no price. */
      minAnswer: amount(255, 0n, "The lower clamp of the feed's aggregator."),
      maxAnswer: amount(255, 1n, "The upper clamp of the feed's aggregator."),
    }),
    strict({ kind: z.literal("uniswapV3Twap"), pool: address, base: address }),
    strict({
      kind: z.literal("erc4626"),
      vault: address,
      minSupply: amount(255, 1n, "A vault with few shares has a price that a donation moves."),
      maxGrowthBps: bps(0, 10_000, "What the share price may grow in 365 days."),
    }),
    strict({ kind: z.literal("existing"), address }),
  ],
  { error: 'Allowed: kind "chainlink", "uniswapV3Twap", "erc4626" or "existing", with its fields.' },
);

const feed = strict({
  adapter: person("the name of an adapter"),
  weight: bounded(1, 65_535, "", "A feed of no weight counts for the quorum and not for the price."),
  heartbeatSeconds: bounded(
    1,
    daySeconds,
    "seconds",
    "A price without a greatest age, or one of more than a day, is traded on after the feed has died.",
  ),
  maxConfBps: bps(
    1,
    2_000,
    "At zero a feed that tells an interval never counts; one that is unsure by more than a fifth tells no price.",
  ),
});

const market = strict({
  name: id32,
  feeds: list(feed, 1, 7, "feeds"),
  quorum: bounded(1, 7, "feeds", "How many feeds have to be fit for a price."),
  jumpQuorum: bounded(1, 7, "feeds", "How many feeds have to confirm a jump."),
  maxSpreadBps: bps(
    1,
    2_000,
    "At zero any two feeds disagree, and there is never a price; feeds that stand further apart than a fifth do not confirm each other.",
  ),
  maxJumpBps: bps(
    1,
    5_000,
    "At zero every move is a jump; above half, no price that an attacker needs is one, and no further feed is asked.",
  ),
  jumpWindowSeconds: bounded(60, daySeconds, "seconds", "A jump is measured within this time."),
  maxSpotTwapBps: bps(0, 2_000, "How far a pool's price may stand from its average.").default(0),
  twapWindowSeconds: bounded(0, daySeconds, "seconds", "The time that a pool's price is averaged over.").default(0),
  minTwapLiquidity: amount(128, 0n, "Liquidity of a pool below which its price is cheap to move.").default(0n),
  maxFallbackAgeSeconds: bounded(0, daySeconds, "seconds", "How long the last price serves for reducing risk."),
  floorWad: amount(128, 0n, "Prices below are none, in 1e18."),
}).superRefine((value, context) => {
  const { feeds, quorum, jumpQuorum } = value;
  if (feeds.length < 2)
    refuse(
      context,
      ["feeds"],
      "There is one feed.",
      "Allowed: 2 to 7.",
      "Who controls it, or its outage, is the price.",
    );
  if (quorum < 2)
    refuse(context, ["quorum"], "quorum is 1.", "Allowed: 2 or more.", "One feed alone would make the price.");
  if (quorum > feeds.length)
    refuse(
      context,
      ["quorum"],
      `quorum is ${quorum} of ${feeds.length} feeds.`,
      "Allowed: at most as many as there are.",
      "There would never be a price.",
    );
  if (jumpQuorum < quorum || jumpQuorum > feeds.length)
    refuse(
      context,
      ["jumpQuorum"],
      `jumpQuorum is ${jumpQuorum}, quorum ${quorum}, feeds ${feeds.length}.`,
      "Allowed: quorum <= jumpQuorum <= feeds.",
      "A jump, which is what an attack looks like, may not need fewer feeds than a quiet price.",
    );
  const total = feeds.reduce((sum, { weight }) => sum + weight, 0);
  feeds.forEach(({ weight }, i) => {
    // Of two feeds one always has half: both have to agree then.
    if (feeds.length < 3 || weight * 2 < total) return;
    refuse(
      context,
      ["feeds", i, "weight"],
      `The weight is ${weight} of ${total}.`,
      "Allowed: less than half of all weights together.",
      "The median would be this feed's price whatever the others say.",
    );
  });
  for (const [again, first] of repeated(feeds.map((item) => item.adapter)))
    refuse(
      context,
      ["feeds", again],
      `Feed ${again} is feed ${first} again.`,
      "Allowed: each adapter once.",
      "One source would confirm itself.",
    );
});

/** Feeds, their adapters and the markets. */
export const oracleSchema = strict({
  roundSpacingSeconds: bounded(1, 3_600, "seconds", "The fewest seconds between two rounds."),
  adapters: z.record(person("the name of an adapter"), adapter, { error: "Allowed: adapters by name." }),
  markets: list(market, 1, 64, "markets"),
}).superRefine(({ adapters, markets }, context) => {
  const sources = Object.entries(adapters).map(([name, item]) => [name, sourceOf(item)] as const);
  for (const [again, first] of repeated(sources.map(([, source]) => source)))
    refuse(
      context,
      ["adapters", sources[again]![0]],
      `Adapter "${sources[again]![0]}" reads what "${sources[first]![0]}" reads.`,
      "Allowed: each source once.",
      "Two adapters over one feed count twice in a quorum and are one voice.",
    );
  for (const [name, item] of Object.entries(adapters)) {
    if (item.kind !== "chainlink" || item.minAnswer < item.maxAnswer) continue;
    refuse(
      context,
      ["adapters", name, "minAnswer"],
      `minAnswer is ${item.minAnswer}, maxAnswer ${item.maxAnswer}.`,
      "Allowed: minAnswer < maxAnswer.",
      "No answer lies between: there would never be a price, and the contract refuses it.",
    );
  }
  for (const [again] of repeated(markets.map(({ name }) => name.id)))
    refuse(
      context,
      ["markets", again, "name"],
      "The market is there already.",
      "Allowed: each once.",
      "The later rules would replace the earlier.",
    );
  markets.forEach(({ feeds, twapWindowSeconds, minTwapLiquidity }, i) => {
    const used = feeds.map((item) => adapters[item.adapter]);
    used.forEach((item, j) => {
      if (item !== undefined) return;
      refuse(
        context,
        ["markets", i, "feeds", j, "adapter"],
        `There is no adapter "${feeds[j]!.adapter}".`,
        `Allowed: ${Object.keys(adapters).join(", ")}.`,
        "Correct the name, or add the adapter.",
      );
    });
    if (!used.some((item) => item?.kind === "uniswapV3Twap")) return;
    if (twapWindowSeconds < 300)
      refuse(
        context,
        ["markets", i, "twapWindowSeconds"],
        `The average is taken over ${twapWindowSeconds} s.`,
        "Allowed: 300 or more where a pool is a feed.",
        "A short average is the spot price, which one transaction moves.",
      );
    if (minTwapLiquidity === 0n)
      refuse(
        context,
        ["markets", i, "minTwapLiquidity"],
        "minTwapLiquidity is 0.",
        "Allowed: above 0 where a pool is a feed.",
        "The price of an empty pool costs nothing to move.",
      );
  });
});

function sourceOf(item: z.output<typeof adapter>): string {
  switch (item.kind) {
    case "chainlink":
      return item.feed;
    case "uniswapV3Twap":
      return `${item.pool} ${item.base}`;
    case "erc4626":
      return item.vault;
    case "existing":
      return item.address;
  }
}

export type OracleFile = z.output<typeof oracleSchema>;
export type AdapterFile = z.output<typeof adapter>;

/** The addresses outside the deployment that the file's adapters read, with the place in the file. */
export function oracleSources(file: OracleFile): readonly (readonly [path: PropertyKey[], address: Address])[] {
  return Object.entries(file.adapters).flatMap(([name, item]) =>
    Object.entries(item).flatMap(([key, value]) =>
      ["feed", "pool", "base", "vault", "address"].includes(key)
        ? [[["oracle", "adapters", name, key], value as Address] as const]
        : [],
    ),
  );
}
