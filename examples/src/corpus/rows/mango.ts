import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { accomplice, openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { openPerpWorld, perpWatched } from "../PerpWorld.ts";

/** Both sides of a perpetual, a pumped spot, and a loan on the profit that is none. */
export const mango: IncidentRow = {
  name: "mango",
  incident: "Mango 2022-10",
  loss: "112 to 116 M",
  mechanism: "self-traded perpetual and a thin spot",
  mustFire: ["oracle-deviation", "skew-oi", "looped-borrow"],
  damage: "outflow",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const world = await openPerpWorld(stage);
    const { perp, perpCall, pair, money } = world;
    const buy = (who: typeof thief, amount: number) => stage.call(who, pair, "Pair", "swap", [money, units(amount)]);
    stage.begin("twin");
    await stage.mine([perpCall(users[2]!, "borrow", units(2_000)), buy(users[3]!, 900)]);
    await stage.mine([perpCall(users[2]!, "trade", units(5)), perpCall(users[4]!, "deposit", units(500))]);
    stage.begin("attack");
    await stage.mine([perpCall(thief, "deposit", units(500_000)), perpCall(accomplice, "deposit", units(500_000))]);
    await stage.mine([perpCall(thief, "trade", units(-3_000)), perpCall(accomplice, "trade", units(3_000))]);
    await stage.mine([buy(thief, 120_000)]);
    stage.begin("harm");
    // All but a thousandth of what the pumped profit is good for.
    const equity = await stage.read<bigint>(perp, "ScenarioPerp", "equityOf", [accomplice]);
    await stage.mine([perpCall(accomplice, "borrow", (equity * 799n) / 1_000n)]);
    return stage.end(perpWatched(world));
  },
};
