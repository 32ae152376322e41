import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { manager, openIncidentStage, thief } from "../IncidentStage.ts";
import { openPerpWorld, perpWatched } from "../PerpWorld.ts";

/** Anybody may say what the premium is; the keeper says what it really is for the time since. */
export const perpetualProtocol: IncidentRow = {
  name: "perpetual-protocol",
  incident: "Perpetual Protocol 2026-07",
  loss: "-",
  mechanism: "unguarded update of the funding, a premium of 1e70",
  mustFire: ["funding"],
  damage: "funding is not conserved",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const world = await openPerpWorld(stage);
    const { perp, perpCall } = world;
    const ask = (name: string) => stage.read<bigint>(perp, "ScenarioPerp", name);
    stage.begin("twin");
    for (let i = 0; i < 3; i++) {
      const [mark, state] = [await ask("markWad"), await stage.read<readonly bigint[]>(perp, "ScenarioPerp", "state")];
      // Truncated towards zero, as the exchange would have it.
      const premium = ((mark - state[0]!) * 60n) / 86_400n;
      await stage.mine([perpCall(manager, "updateFunding", premium)], 60);
    }
    stage.begin("attack");
    stage.begin("harm");
    await stage.mine([perpCall(thief, "updateFunding", 10n ** 70n)]);
    return stage.end(perpWatched(world));
  },
};
