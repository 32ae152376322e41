import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { accomplice, manager, openIncidentStage, person, thief, units, users } from "../IncidentStage.ts";
import { openPerpWorld, perpWatched } from "../PerpWorld.ts";

/** Both sides of a thin market; the losing one is left to the exchange's vault. */
export const jelly: IncidentRow = {
  name: "jelly",
  incident: "JELLY 2025-03",
  loss: "12 to 13.5 M unrealised",
  mechanism: "thin asset, a position left to the vault",
  mustFire: ["skew-oi", "oracle-deviation", "liq-cascade"],
  damage: "the vault's shortfall",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const world = await openPerpWorld(stage);
    const { perp, perpCall, pair, money, feed } = world;
    const buy = (who: typeof thief, amount: number) => stage.call(who, pair, "Pair", "swap", [money, units(amount)]);
    const small = person(40);
    const mint = stage.call(manager, money, "Token", "mint", [small, units(95)]);
    stage.begin("twin");
    // An ordinary trader opens, the market rises and the feed with it, and a small short is taken over.
    await stage.mine([perpCall(users[0]!, "deposit", units(100)), perpCall(users[0]!, "trade", units(10))]);
    await stage.mine([mint, ...world.funded(small, perp), perpCall(small, "deposit", units(95))]);
    await stage.mine([perpCall(small, "trade", units(-9)), buy(users[1]!, 3_000)]);
    await stage.mine([buy(users[1]!, 4_000), stage.call(manager, feed, "KeeperFeed", "set", [units(107)])]);
    await stage.mine([perpCall(users[2]!, "liquidate", small)]);
    stage.begin("attack");
    await stage.mine([perpCall(thief, "deposit", units(400_000)), perpCall(accomplice, "deposit", units(400_000))]);
    await stage.mine([perpCall(thief, "trade", units(-5_000)), perpCall(accomplice, "trade", units(5_000))]);
    await stage.mine([buy(accomplice, 160_000)]);
    stage.begin("harm");
    await stage.mine([perpCall(users[0]!, "liquidate", thief)]);
    return stage.end(perpWatched(world));
  },
};
