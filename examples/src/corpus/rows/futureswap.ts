import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { Address } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { grants } from "../BankWorld.ts";
import { covers, heldBy } from "../covers.ts";
import { openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { day } from "../learnedPaths.ts";

/** A tier whose rebate was entered in another unit than the code's. */
export const futureswap: IncidentRow = {
  name: "futureswap",
  incident: "Futureswap 2026-01",
  loss: "395 k",
  mechanism: "a fee in another unit",
  mustFire: ["invariant", "outflow"],
  damage: "liabilities above assets",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const money = await stage.deploy("Token", ["USD"]);
    const exchange = await stage.deploy("RebateExchange", [money]);
    const call = (who: Address, name: string, ...args: unknown[]) =>
      stage.call(who, exchange, "RebateExchange", name, args);
    await stage.mine(grants(stage, money, [thief, ...users], 10_000, [exchange]));
    stage.begin("use");
    await stage.mine(users.map((who) => call(who, "deposit", units(9_000))));
    await stage.mine(users.map((who) => call(who, "trade", units(50_000), 0)));
    // What came in with the founding is not of the attack's day.
    await stage.mine([], 2 * day);
    stage.begin("twin");
    await stage.mine([call(users[0]!, "trade", units(20_000), 0), call(users[1]!, "withdraw", units(500))]);
    await stage.mine([call(users[2]!, "deposit", units(900))]);
    stage.begin("attack");
    await stage.mine([call(thief, "deposit", units(1_000))]);
    await stage.mine([call(thief, "trade", units(30_000), 1)]);
    stage.begin("harm");
    await stage.mine([call(thief, "withdraw", units(80_000))]);
    const owed = { to: exchange, data: functionSelector("owed()") };
    return stage.end({
      watched: [exchange],
      detectors: [...zeroConfigDetectors(), covers("assets", exchange, heldBy(money, exchange), owed)],
    });
  },
};
