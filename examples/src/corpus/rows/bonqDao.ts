import { detectOracleWriter } from "@testudo/core/detectors/detectOracleWriter";
import { useDetector } from "@testudo/core/model/Detector";
import { toLower } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { bankWatched, grants } from "../BankWorld.ts";
import { manager, openIncidentStage, person, thief, units, users } from "../IncidentStage.ts";
import { day } from "../learnedPaths.ts";

/** Whoever has staked may report a price, and it counts at once. */
export const bonqDao: IncidentRow = {
  name: "bonq-dao",
  incident: "BonqDAO 2023-02",
  loss: "88 M nominal",
  mechanism: "a reported price counts at once",
  mustFire: ["oracle-writer"],
  damage: "debt above collateral at the reference",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const reporter = person(52);
    const token = await stage.deploy("Token", ["ALBT"]);
    const money = await stage.deploy("Token", ["BEUR"]);
    const honest = await stage.deploy("KeeperFeed", [units(10)], manager);
    const feed = await stage.deploy("OpenFeed", [units(10)]);
    const ltv = 6n * 10n ** 17n;
    const bank = await stage.deploy("FeedBank", [money, token, ltv, feed], manager);
    const call = (who: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(who, bank, "FeedBank", name, args);
    const submit = (who: `0x${string}`, price: number) =>
      stage.call(who, feed, "OpenFeed", "submitValue", [units(price)]);
    const stake = (who: `0x${string}`) => stage.call(who, feed, "OpenFeed", "stake", [], 10n ** 18n);
    await stage.mine([
      ...grants(stage, token, [thief, ...users], 2_000, [bank]),
      ...grants(stage, money, [bank], 500_000, []),
      stake(reporter),
      stake(thief),
    ]);
    stage.begin("use");
    for (const [i, who] of users.entries())
      await stage.mine([
        submit(reporter, 10 + 0.01 * (i % 3)),
        call(who, "supply", units(50)),
        call(who, "borrow", units(150)),
      ]);
    await stage.mine([], 2 * day);
    stage.begin("twin");
    await stage.mine([submit(reporter, 10.02), call(users[0]!, "supply", units(10))]);
    await stage.mine([call(users[0]!, "borrow", units(20))]);
    stage.begin("attack");
    await stage.mine([submit(thief, 5_000_000)]);
    stage.begin("harm");
    await stage.mine([call(thief, "supply", units(10)), call(thief, "borrow", units(400_000))]);
    const oracle = {
      name: "reports",
      oracle: toLower(feed),
      subject: toLower(bank),
      writers: [reporter],
      selectors: [functionSelector("submitValue(uint256)")],
    };
    const writer = useDetector(detectOracleWriter, { oracles: [oracle] });
    return stage.end(bankWatched({ bank, token, ltv, honest, source: { to: feed, name: "priceWad()" } }, [writer]));
  },
};
