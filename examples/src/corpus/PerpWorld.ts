// The rehearsal's perpetual, a thin pool behind its index, an honest feed and twelve traders, as several rows need them.
import { perpDetectors } from "@testudo/core/detectors/derivativeDetectors";
import { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
import { invariant } from "@testudo/core/detectors/invariant";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { useDetector } from "@testudo/core/model/Detector";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { uintOf } from "@testudo/core/model/Query";
import type { StateRead } from "@testudo/core/model/StateRead";
import { functionSelector } from "@testudo/core/model/signatureHash";
import { createRandom } from "../curie/Random.ts";
import { scenarioPerpAdapter } from "../derivatives/scenarioAdapters.ts";
import { accomplice, type IncidentStage, manager, most, type StageCall, thief, units, users } from "./IncidentStage.ts";

export interface PerpWorld {
  readonly perp: Address;
  readonly pair: Address;
  readonly money: Address;
  readonly token: Address;
  readonly feed: Address;
  perpCall(from: Address, name: string, ...args: unknown[]): StageCall;
  /** Approvals and money for `spender` to take. */
  funded(who: Address, spender: Address): StageCall[];
}

const startPrice = 100;

/** Founds it, and lets everybody trade for a while; the stage is judged from the deposits on. */
export async function openPerpWorld(stage: IncidentStage, rounds = 22): Promise<PerpWorld> {
  const token = await stage.deploy("Token", ["THIN"]);
  const money = await stage.deploy("Token", ["USD"]);
  const pair = await stage.deploy("Pair", [token, money]);
  const feed = await stage.deploy("KeeperFeed", [units(startPrice)], manager);
  const mint = (coin: Address, to: Address, amount: number) =>
    stage.call(manager, coin, "Token", "mint", [to, units(amount)]);
  await stage.mine([mint(token, pair, 2_000), mint(money, pair, 2_000 * startPrice)]);
  await stage.mine([stage.call(manager, pair, "Pair", "sync")]);
  const perp = await stage.deploy("ScenarioPerp", [money, pair, units(100_000)]);
  const approve = (who: Address, coin: Address, spender: Address) =>
    stage.call(who, coin, "Token", "approve", [spender, most]);
  const perpCall = (from: Address, name: string, ...args: unknown[]) =>
    stage.call(from, perp, "ScenarioPerp", name, args);
  const everyone = [manager, thief, accomplice, ...users];
  const share = (who: Address) => (users.includes(who) ? 20_000 : 2_000_000);
  await stage.mine(everyone.flatMap((who) => [mint(money, who, share(who)), mint(token, who, 800)]));
  await stage.mine(everyone.flatMap((who) => [approve(who, money, perp), approve(who, money, pair)]));
  await stage.mine([perpCall(manager, "addLiquidity", units(400_000))]);
  stage.begin("use");
  await stage.mine(users.map((who) => perpCall(who, "deposit", units(10_000))));
  for (let i = 0; i < rounds; i++) {
    const random = createRandom(104_729 * i + 3);
    const side = (n: number) => ((i + n) % 2 === 0 ? 1 : -1);
    await stage.mine([
      ...[0, 1, 2].map((n) =>
        perpCall(users[(3 * i + n) % users.length]!, "trade", units(side(n) * random.between(5, 9))),
      ),
      perpCall(manager, "accrue"),
    ]);
  }
  const funded = (who: Address, spender: Address) => [approve(who, money, spender)];
  return { perp, pair, money, token, feed, perpCall, funded };
}

/** Zero configuration, the suite for perpetuals, and the pool held against the feed. */
export function perpWatched({ perp, pair, feed }: PerpWorld) {
  const price = { to: toLower(feed), data: functionSelector("priceWad()"), decimals: 18, word: 0 };
  const deviation = {
    name: "pool",
    subject: toLower(perp),
    feed: { to: toLower(pair), data: functionSelector("spotWad()"), decimals: 18, word: 0 },
    references: [price],
    twapSeconds: 0,
    maxDeviation: 0.05,
  };
  const detectors = [
    ...zeroConfigDetectors(),
    ...perpDetectors(scenarioPerpAdapter(toLower(perp), price)),
    useDetector(detectOracleDeviation, { feeds: [deviation] }),
    makersKeepTheirs(toLower(perp)),
  ];
  return { watched: [perp], detectors };
}

/** What the makers' own money is, a share, does not fall by more than a fiftieth within a block. */
function makersKeepTheirs(perp: Address) {
  const figures = (at: "parent" | "block"): StateRead[] =>
    ["state()", "shares()"].map((name) => ({ kind: "call", at, to: perp, data: functionSelector(name) }));
  return invariant({
    id: "makers",
    reads: () => [...figures("parent"), ...figures("block")],
    predicate: ([stateBefore, sharesBefore, state, shares]) => {
      const [before, after] = [
        [uintOf(stateBefore, 6), uintOf(sharesBefore)],
        [uintOf(state, 6), uintOf(shares)],
      ].map(([own, count]) => (own === undefined || !count ? undefined : (own * 10n ** 18n) / count));
      return {
        holds: before === undefined || after === undefined || after * 50n >= before * 49n,
        reason: "The makers own less a share than a block ago.",
        evidence: { before: before ?? null, after: after ?? null },
      };
    },
  });
}
