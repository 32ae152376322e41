import { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { useDetector } from "@testudo/core/model/Detector";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { encodeFunctionData } from "viem/utils";
import { grants } from "../BankWorld.ts";
import { staysZero } from "../covers.ts";
import { buildOf, manager, openIncidentStage, thief, units, users } from "../IncidentStage.ts";

/** An option as collateral, worth what a pool says while its owner has the word. */
export const sharwaMargin: IncidentRow = {
  name: "sharwa-margin",
  incident: "SharwaMargin 2026-05",
  loss: "-",
  mechanism: "an option valued at a pool's spot in a callback",
  mustFire: ["oracle-deviation", "impact-then-use", "reentrancy"],
  damage: "debt above collateral",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const token = await stage.deploy("Token", ["BASE"]);
    const money = await stage.deploy("Token", ["USD"]);
    const pair = await stage.deploy("Pair", [token, money]);
    const feed = await stage.deploy("KeeperFeed", [units(100)], manager);
    const desk = await stage.deploy("MarginDesk", [money, pair]);
    const lender = await stage.deploy("FlashLender");
    const [honest, late] = [await stage.deploy("OptionTrader"), await stage.deploy("OptionTrader")];
    const write = (owner: Address, size: number, strike: number) =>
      stage.call(manager, desk, "MarginDesk", "write", [owner, units(size), units(strike)]);
    const run = (trader: Address, args: readonly unknown[]) =>
      stage.call(thief, trader, "OptionTrader", "run", [lender, desk, ...args]);
    await stage.mine([
      ...grants(stage, token, [pair], 2_000, []),
      ...grants(stage, money, [pair, desk], 200_000, []),
      ...grants(stage, money, [lender], 1_000_000, []),
      ...grants(stage, money, users, 1_000, [pair]),
    ]);
    await stage.mine([stage.call(manager, pair, "Pair", "sync")]);
    await stage.mine([...users.map((who) => write(who, 50, 80)), write(honest, 500, 80), write(late, 2_000, 80)]);
    stage.begin("use");
    for (const [id, who] of users.entries()) {
      const borrow = stage.call(who, desk, "MarginDesk", "borrow", [units(300)]);
      const swap = stage.call(who, pair, "Pair", "swap", [money, units(200)]);
      await stage.mine([stage.call(who, desk, "MarginDesk", "depositOption", [id]), borrow, swap]);
    }
    stage.begin("twin");
    await stage.mine([run(honest, [users.length, units(1_000), units(800), false])]);
    stage.begin("attack");
    stage.begin("harm");
    await stage.mine([run(late, [users.length + 1, units(190_000), units(120_000), true])]);
    const spot = functionSelector("spotWad()");
    const reference = { to: toLower(feed), data: functionSelector("priceWad()"), decimals: 18, word: 0 };
    const feeds = [
      {
        name: "pool",
        subject: toLower(desk),
        feed: { to: toLower(pair), data: spot, decimals: 18, word: 0 },
        references: [reference],
        twapSeconds: 0,
        maxDeviation: 0.05,
      },
    ];
    // At the price of the market, which has not moved.
    const unbacked = encodeFunctionData({
      abi: buildOf("MarginDesk").abi,
      functionName: "unbackedAt",
      args: [units(100)],
    });
    return stage.end({
      watched: [desk],
      detectors: [
        ...zeroConfigDetectors(),
        useDetector(detectOracleDeviation, { feeds }),
        staysZero("backed", desk, { to: desk, data: unbacked }),
      ],
    });
  },
};
