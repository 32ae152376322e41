import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { openPerpWorld, perpWatched } from "../PerpWorld.ts";

/** A trader buys from himself through the exchange's own virtual pool; two strangers who do the same are none. */
export const perpPair: IncidentRow = {
  name: "perp-pair",
  incident: "PerpPair 2026-04",
  loss: "166 k",
  mechanism: "self-trade against the exchange's own pool",
  mustFire: ["exec-vs-mark"],
  damage: "the vault's loss",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const world = await openPerpWorld(stage);
    const { perp, perpCall } = world;
    const trader = await stage.deploy("SelfTrader");
    const [a, b] = users as [typeof thief, typeof thief];
    stage.begin("twin");
    await stage.mine([...world.funded(thief, trader), perpCall(a, "trade", units(20))]);
    await stage.mine([perpCall(b, "trade", units(20))]);
    await stage.mine([perpCall(a, "trade", units(-20)), perpCall(a, "withdraw", units(1_000))]);
    await stage.mine([perpCall(a, "deposit", units(500))]);
    stage.begin("attack");
    stage.begin("harm");
    const run = [perp, units(300_000), units(10_000), units(5_000)];
    await stage.mine([stage.call(thief, trader, "SelfTrader", "run", run)]);
    return stage.end(perpWatched(world));
  },
};
