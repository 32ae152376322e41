import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { bankWatched, grants } from "../BankWorld.ts";
import { manager, openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { day } from "../learnedPaths.ts";

/** Collateral is given away without a question, and the account that gave it is taken over by its own maker. */
export const euler: IncidentRow = {
  name: "euler",
  incident: "Euler 2023-03, Platypus 2023-02",
  loss: "197 M*, 8.5 M",
  mechanism: "a way out without a health check",
  mustFire: ["flash-loan", "looped-borrow", "invariant"],
  damage: "debt above collateral",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const money = await stage.deploy("Token", ["DAI"]);
    const bank = await stage.deploy("DonateBank", [money]);
    const feed = await stage.deploy("KeeperFeed", [units(1)], manager);
    const lender = await stage.deploy("FlashLender");
    const attack = await stage.deploy("DonateAndTakeOver");
    const call = (who: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(who, bank, "DonateBank", name, args);
    await stage.mine([
      ...grants(stage, money, users, 20_000, [bank]),
      ...grants(stage, money, [lender], 1_000_000, []),
    ]);
    stage.begin("use");
    for (const who of users) await stage.mine([call(who, "supply", units(10_000)), call(who, "mint", units(2_000))]);
    await stage.mine([], 2 * day);
    stage.begin("twin");
    // A gift that its giver can afford, by one who is leveraged; an account that has slipped is taken over.
    const [a, b, c] = users as [`0x${string}`, `0x${string}`, `0x${string}`];
    await stage.mine([call(a, "mint", units(3_000)), call(a, "donateToReserves", units(100))]);
    await stage.mine([call(b, "supply", units(10)), call(b, "withdraw", units(500)), call(b, "repay", units(100))]);
    await stage.mine([call(c, "repay", units(2_000)), call(c, "withdraw", units(11_900))]);
    await stage.mine([call(c, "mint", units(1_880))]);
    await stage.mine([call(a, "accrue", c)]);
    await stage.mine([call(a, "supply", units(9_000)), call(a, "takeOver", c)]);
    stage.begin("attack");
    stage.begin("harm");
    const run = [lender, bank, units(90_000), 3, units(360_000)];
    await stage.mine([stage.call(thief, attack, "DonateAndTakeOver", "run", run)]);
    const place = { bank, token: money, ltv: 95n * 10n ** 16n, honest: feed, source: { to: bank, name: "priceWad()" } };
    return stage.end(bankWatched(place));
  },
};
