import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { bankWatched, grants } from "../BankWorld.ts";
import { manager, openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { day } from "../learnedPaths.ts";

/** A pool is moved with lent money, borrowed against and moved back. */
export const spotPrice: IncidentRow = {
  name: "spot-price",
  incident: "Harvest 2020-10, bZx 2020, Polter 2024-11, UwU 2024-06, Inverse 2022, Deus 2022",
  loss: "34 M*, 9 M*, 7 M, 23 M, 21 M*, 17 M*",
  mechanism: "spot or thin price, then a loan",
  mustFire: ["flash-loan", "oracle-deviation", "impact-then-use"],
  damage: "debt above collateral at the reference",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const token = await stage.deploy("Token", ["BOO"]);
    const money = await stage.deploy("Token", ["USD"]);
    const pair = await stage.deploy("Pair", [token, money]);
    const feed = await stage.deploy("KeeperFeed", [units(100)], manager);
    const bank = await stage.deploy("SpotBank", [money, token, pair]);
    const lender = await stage.deploy("FlashLender");
    const [honest, attack] = [await stage.deploy("PumpAndBorrow"), await stage.deploy("PumpAndBorrow")];
    const call = (who: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(who, bank, "SpotBank", name, args);
    const run = (contract: `0x${string}`, args: readonly unknown[]) =>
      stage.call(thief, contract, "PumpAndBorrow", "run", [lender, bank, ...args]);
    await stage.mine([
      ...grants(stage, token, [pair], 2_000, []),
      ...grants(stage, token, [thief, ...users], 2_000, [bank, pair, honest, attack]),
      ...grants(stage, money, [pair, bank], 200_000, []),
      ...grants(stage, money, [lender], 2_000_000, []),
    ]);
    await stage.mine([stage.call(manager, pair, "Pair", "sync")]);
    stage.begin("use");
    for (const who of users)
      await stage.mine([
        call(who, "supply", units(20)),
        call(who, "borrow", units(600)),
        stage.call(who, pair, "Pair", "swap", [token, units(1)]),
      ]);
    await stage.mine([], 2 * day);
    stage.begin("twin");
    // The same contract and loan: a purchase that hardly moves the pool, and a loan that does not pay for its fee.
    await stage.mine([stage.call(manager, money, "Token", "mint", [honest, units(10)])]);
    await stage.mine([run(honest, [units(100), units(700), units(3)])]);
    stage.begin("attack");
    stage.begin("harm");
    await stage.mine([run(attack, [units(300), units(800_000), units(180_000)])]);
    const place = { bank, token, ltv: 8n * 10n ** 17n, honest: feed, source: { to: pair, name: "spotWad()" } };
    return stage.end(bankWatched(place));
  },
};
