import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { Address } from "@testudo/core/model/Hex";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { grants } from "../BankWorld.ts";
import { manager, openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { day, learnedPaths } from "../learnedPaths.ts";

/** The same epoch named many times in one claim. */
export const level: IncidentRow = {
  name: "level",
  incident: "Level 2023-05",
  loss: "1.1 M*",
  mechanism: "duplicate entries in a list",
  mustFire: ["unseen-path", "outflow"],
  damage: "outflow",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const money = await stage.deploy("Token", ["LVL"]);
    const pool = await stage.deploy("ReferralPool", [money]);
    const many = await stage.deploy("ManyClaims");
    const call = (who: Address, name: string, ...args: unknown[]) => stage.call(who, pool, "ReferralPool", name, args);
    await stage.mine([
      ...grants(stage, money, [thief, ...users], 10_000, [pool, many]),
      ...grants(stage, money, [pool], 100_000, []),
    ]);
    stage.begin("use");
    await stage.mine(users.map((who) => call(who, "setReferrer", manager)));
    for (let epoch = 1; epoch <= 8; epoch++) {
      const some = users.slice((epoch % 4) * 3, (epoch % 4) * 3 + 3);
      await stage.mine(
        some.map((who) => call(who, "trade", units(100_000), epoch)),
        day,
      );
      await stage.mine(
        some.map((who) => call(who, "claimMultiple", [epoch, epoch + 20])),
        600,
      );
    }
    stage.begin("twin");
    const [a] = users as [Address];
    await stage.mine([call(a, "setReferrer", thief), call(a, "trade", units(200_000), 9)], day);
    await stage.mine([call(a, "claimMultiple", [9, 10])], 600);
    stage.begin("attack");
    stage.begin("harm");
    await stage.mine([stage.call(thief, many, "ManyClaims", "run", [pool, units(2_000_000), 80])]);
    return stage.end({ watched: [pool], detectors: [...zeroConfigDetectors(), learnedPaths()] });
  },
};
