import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { Address } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { grants } from "../BankWorld.ts";
import { covers, heldBy } from "../covers.ts";
import { openIncidentStage, thief, units, users } from "../IncidentStage.ts";
import { day, learnedPaths, learnTxs } from "../learnedPaths.ts";

/** Two ways out of a tranche, of which one does not ask whether it was paid. */
export const hegic: IncidentRow = {
  name: "hegic",
  incident: "Hegic 2025-02",
  loss: "-",
  mechanism: "double withdrawal",
  mustFire: ["invariant", "unseen-path"],
  damage: "the vault's loss",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const money = await stage.deploy("Token", ["USD"]);
    const pool = await stage.deploy("TranchePool", [money]);
    const twice = await stage.deploy("TwiceOut");
    const call = (who: Address, name: string, ...args: unknown[]) => stage.call(who, pool, "TranchePool", name, args);
    await stage.mine(grants(stage, money, [thief, ...users], 100_000, [pool, twice]));
    stage.begin("use");
    let next = 0;
    for (const who of users) await stage.mine([call(who, "provide", units(4_000)), call(who, "provide", units(40))]);
    // Every user takes his small tranche back, half of them the one way and half the other.
    for (let at = 0; next < learnTxs; at = (at + 1) % users.length) {
      const name = at % 2 === 0 ? "withdraw" : "withdrawWithoutHedge";
      const id = await stage.read<bigint>(pool, "TranchePool", "count");
      const own = Math.floor(next / users.length) === 0 ? BigInt(2 * at + 1) : id - 1n;
      const [leaves, comes] = [
        call(users[at]!, name, own),
        call(users[(at + 1) % users.length]!, "provide", units(40)),
      ];
      await stage.mine([leaves, comes], day / 2);
      next += 2;
    }
    stage.begin("twin");
    const id = await stage.read<bigint>(pool, "TranchePool", "count");
    const [a, b] = users as [Address, Address];
    await stage.mine([call(a, "provide", units(50)), call(b, "provide", units(50))], day);
    await stage.mine([call(a, "withdraw", id), call(b, "withdrawWithoutHedge", id + 1n)], day);
    stage.begin("attack");
    stage.begin("harm");
    await stage.mine([stage.call(thief, twice, "TwiceOut", "run", [pool, units(9_000)])]);
    const owed = { to: pool, data: functionSelector("owed()") };
    return stage.end({
      watched: [pool],
      detectors: [...zeroConfigDetectors(), covers("tranches", pool, heldBy(money, pool), owed), learnedPaths()],
    });
  },
};
