import { detectAdminChange } from "@testudo/core/detectors/detectAdminChange";
import { useDetector } from "@testudo/core/model/Detector";
import { toLower } from "@testudo/core/model/Hex";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { bankWatched, grants } from "../BankWorld.ts";
import { manager, openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { day } from "../learnedPaths.ts";

/** A market is pointed at a feed of another unit. */
export const moonwell: IncidentRow = {
  name: "moonwell",
  incident: "Moonwell 2025-11, 2026-02",
  loss: "1 M, 1.8 M",
  mechanism: "a wrong or misconfigured feed",
  mustFire: ["oracle-deviation", "admin-change"],
  damage: "debt above collateral",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const token = await stage.deploy("Token", ["wrsETH"]);
    const money = await stage.deploy("Token", ["USDC"]);
    const honest = await stage.deploy("KeeperFeed", [units(3_500)], manager);
    const [first, better, wrong] = [
      await stage.deploy("KeeperFeed", [units(3_500)], manager),
      await stage.deploy("KeeperFeed", [units(3_501)], manager),
      await stage.deploy("KeeperFeed", [units(5_800_000)], manager),
    ];
    const ltv = 8n * 10n ** 17n;
    const bank = await stage.deploy("FeedBank", [money, token, ltv, first], manager);
    const call = (who: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(who, bank, "FeedBank", name, args);
    await stage.mine([
      ...grants(stage, token, [thief, ...users], 100, [bank]),
      ...grants(stage, money, [bank], 400_000, []),
    ]);
    stage.begin("use");
    for (const who of users) await stage.mine([call(who, "supply", units(1)), call(who, "borrow", units(900))]);
    await stage.mine([], 2 * day);
    stage.begin("twin");
    await stage.mine([call(manager, "setFeed", better)]);
    await stage.mine([call(users[0]!, "supply", units(1)), call(users[0]!, "borrow", units(900))]);
    stage.begin("attack");
    await stage.mine([call(manager, "setFeed", wrong)]);
    stage.begin("harm");
    await stage.mine([call(thief, "supply", units(0.2)), call(thief, "borrow", units(300_000))]);
    const place = { bank, token, ltv, honest, source: { to: bank, name: "priceWad()" } };
    const { watched, detectors } = bankWatched(place);
    const others = detectors.filter(({ meta }) => meta.id !== "admin-change");
    const governed = useDetector(detectAdminChange, { governors: [toLower(bank)] });
    return stage.end({ watched, detectors: [...others, governed] });
  },
};
