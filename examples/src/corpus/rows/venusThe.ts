import { lendingDetectors } from "@testudo/core/detectors/derivativeDetectors";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { toLower } from "@testudo/core/model/Hex";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { encodeFunctionData } from "viem/utils";
import { scenarioLenderAdapter } from "../../derivatives/scenarioAdapters.ts";
import { grants } from "../BankWorld.ts";
import { covers } from "../covers.ts";
import { accomplice, buildOf, manager, openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { day } from "../learnedPaths.ts";

/** A cap on deposits is passed by a gift, and somebody else borrows on the account's behalf. */
export const venusThe: IncidentRow = {
  name: "venus-the",
  incident: "Venus THE 2026-03",
  loss: "tokens",
  mechanism: "a gift, and a loan on behalf",
  mustFire: ["share-inflation", "looped-borrow"],
  damage: "the cap is passed",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const token = await stage.deploy("Token", ["THE"]);
    const money = await stage.deploy("Token", ["USD"]);
    const pair = await stage.deploy("Pair", [token, money]);
    const cap = 1_000;
    const lender = await stage.deploy("ScenarioLender", [money, token, pair, units(cap)]);
    const call = (who: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(who, lender, "ScenarioLender", name, args);
    const give = (who: `0x${string}`, amount: number) =>
      stage.call(who, token, "Token", "transfer", [lender, units(amount)]);
    await stage.mine([
      ...grants(stage, token, [pair], 2_000, []),
      ...grants(stage, token, users, 200, [lender]),
      ...grants(stage, token, [thief], 9_000, [lender]),
      ...grants(stage, money, [pair], 200_000, []),
      ...grants(stage, money, [lender], 300_000, []),
    ]);
    await stage.mine([stage.call(manager, pair, "Pair", "sync")]);
    stage.begin("use");
    for (const who of users.slice(0, 6))
      await stage.mine([call(who, "supply", units(10)), call(who, "borrowFor", who, units(300))]);
    await stage.mine([], 2 * day);
    stage.begin("twin");
    // A small gift is a day's yield.
    await stage.mine([call(users[7]!, "supply", units(100)), give(users[8]!, 0.1)]);
    await stage.mine([call(users[7]!, "borrowFor", users[7]!, units(4_000))]);
    stage.begin("attack");
    await stage.mine([call(thief, "supply", units(800)), give(thief, 8_000)]);
    stage.begin("harm");
    await stage.mine([call(accomplice, "borrowFor", thief, units(250_000))]);
    const adapter = scenarioLenderAdapter(toLower(lender), toLower(token), toLower(pair));
    const ask = (to: `0x${string}`, contract: string, functionName: string, args: readonly unknown[] = []) =>
      ({ to, data: callOf(contract, functionName, args) }) as const;
    const capped = covers(
      "cap",
      lender,
      ask(lender, "ScenarioLender", "cap"),
      ask(token, "Token", "balanceOf", [lender]),
    );
    return stage.end({
      watched: [lender],
      detectors: [...zeroConfigDetectors(), ...lendingDetectors(adapter), capped],
    });
  },
};

function callOf(contract: string, functionName: string, args: readonly unknown[]) {
  return encodeFunctionData({ abi: buildOf(contract).abi, functionName, args: [...args] });
}
