import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { grants } from "../BankWorld.ts";
import { manager, openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { day } from "../learnedPaths.ts";

/** The only shares of a market, a gift to it, and a loan on what they are now worth. */
export const emptyMarket: IncidentRow = {
  name: "empty-market",
  incident: "Cream 2021-10, Sonne 2024-05, Hundred 2023-04, Resupply 2025-06",
  loss: "130 M*, 20 M, 7.4 M*, 9.6 M",
  mechanism: "a gift to an empty market",
  mustFire: ["flash-loan", "share-inflation"],
  damage: "the price of a share jumps, the money leaves",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const token = await stage.deploy("Token", ["VELO"]);
    const money = await stage.deploy("Token", ["USDC"]);
    const lender = await stage.deploy("FlashLender");
    const market = await stage.deploy("ShareMarket", [money, token]);
    const [honest, attack] = [await stage.deploy("GiftAndBorrow"), await stage.deploy("GiftAndBorrow")];
    const call = (who: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(who, market, "ShareMarket", name, args);
    const ofContract = (contract: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(thief, contract, "GiftAndBorrow", name, args);
    await stage.mine([
      ...grants(stage, token, [thief, ...users], 10_000, [market, honest, attack]),
      ...grants(stage, token, [lender], 10_000_000, []),
      ...grants(stage, money, [market], 500_000, []),
      ...grants(stage, money, users, 100, [market]),
    ]);
    stage.begin("use");
    const some = users.slice(0, 6);
    for (const who of some) await stage.mine([call(who, "mint", units(1_000)), call(who, "borrow", units(300))]);
    stage.begin("twin");
    // With lent money, too: a deposit and its withdrawal move no price; nor does a loan that somebody keeps.
    await stage.mine([ofContract(honest, "found", market, units(2_000))]);
    await stage.mine([stage.call(manager, money, "Token", "mint", [honest, units(1)])]);
    await stage.mine([ofContract(honest, "run", lender, units(5_000), false, 0n)]);
    await stage.mine([ofContract(honest, "leave")]);
    // Then all leave again, and the market is empty.
    for (const who of some)
      await stage.mine([call(who, "repay", units(300)), call(who, "redeemUnderlying", units(1_000))]);
    await stage.mine([], 2 * day);
    stage.begin("attack");
    await stage.mine([ofContract(attack, "found", market, 2n)]);
    stage.begin("harm");
    await stage.mine([ofContract(attack, "run", lender, units(9_000_000), true, units(480_000))]);
    return stage.end({ watched: [market], detectors: zeroConfigDetectors() });
  },
};
