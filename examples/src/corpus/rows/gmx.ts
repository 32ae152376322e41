import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { openIncidentStage, thief, units } from "../IncidentStage.ts";
import { openPerpWorld, perpWatched } from "../PerpWorld.ts";

/** Trades while its ether is handed back, and redeems shares at an average that was not kept meanwhile. */
export const gmx: IncidentRow = {
  name: "gmx-v1",
  incident: "GMX v1 2025-07",
  loss: "42 M",
  mechanism: "re-entry, stale average price of the shorts",
  mustFire: ["reentrancy", "exec-vs-mark", "share-inflation"],
  damage: "the price of a share jumps",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const world = await openPerpWorld(stage);
    const run = (contract: `0x${string}`, liquidity: number, size: number, early: boolean) =>
      stage.call(
        thief,
        contract,
        "RefundTrader",
        "run",
        [world.perp, units(400_000), units(liquidity), units(size), early],
        1n,
      );
    const [honest, early] = [await stage.deploy("RefundTrader"), await stage.deploy("RefundTrader")];
    stage.begin("twin");
    await stage.mine([...world.funded(thief, honest), ...world.funded(thief, early)]);
    await stage.mine([run(honest, 1_000, -10, false)]);
    stage.begin("attack");
    stage.begin("harm");
    await stage.mine([run(early, 100_000, -1_500, true)]);
    return stage.end(perpWatched(world));
  },
};
