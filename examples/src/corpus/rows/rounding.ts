import { invariant } from "@testudo/core/detectors/invariant";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { toLower } from "@testudo/core/model/Hex";
import { callRead, uintOf } from "@testudo/core/model/Query";
import { functionSelector } from "@testudo/core/model/signatureHash";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { manager, most, openIncidentStage, thief, users } from "../IncidentStage.ts";
import { day, learnedPaths } from "../learnedPaths.ts";

/** Purchases so small that their price rounds to nothing, many of them. */
export const rounding: IncidentRow = {
  name: "rounding",
  incident: "Balancer 2025-11, KyberSwap 2023-11, Abracadabra 2024-01, Radiant 2024-01",
  loss: "120 M, 46 M, 6.5 M, 4.5 M",
  mechanism: "rounding in the taker's favour",
  mustFire: ["outflow", "invariant", "unseen-path"],
  damage: "the value of a share falls",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const light = await stage.deploy("Token", ["LIGHT"]);
    const heavy = await stage.deploy("Token", ["HEAVY"]);
    const pool = await stage.deploy("FixedRatePool", [light, heavy]);
    const attack = await stage.deploy("ManyPurchases");
    const call = (who: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(who, pool, "FixedRatePool", name, args);
    // In smallest units: the pool is small, as those were at the moment of the attack.
    await stage.mine(
      [thief, ...users].flatMap((who) => [
        stage.call(manager, light, "Token", "mint", [who, 10_000_000n]),
        stage.call(manager, heavy, "Token", "mint", [who, 10_000n]),
        ...[light, heavy].flatMap((coin) =>
          [pool, attack].map((spender) => stage.call(who, coin, "Token", "approve", [spender, most])),
        ),
      ]),
    );
    stage.begin("use");
    await stage.mine(users.slice(0, 4).map((who) => call(who, "join", 200_000n)));
    for (let i = 0; i < 10; i++) {
      const [a, b, c] = [0, 1, 2].map((n) => users[(3 * i + n) % users.length]!) as [
        typeof thief,
        typeof thief,
        typeof thief,
      ];
      const blocks = [call(a, "buyLight", 20_000n), call(b, "join", 20_000n)];
      await stage.mine(i < 2 ? blocks : [...blocks, call(c, "join", 5_000n)], day);
      if (i > 1) await stage.mine([call(c, "exit", 4_000n)]);
    }
    stage.begin("twin");
    await stage.mine([call(users[0]!, "join", 50_000n), call(users[1]!, "buyLight", 30_000n)], day);
    await stage.mine([call(users[0]!, "exit", 40_000n)]);
    await stage.mine([], 2 * day);
    stage.begin("attack");
    stage.begin("harm");
    await stage.mine([stage.call(thief, attack, "ManyPurchases", "run", [pool, 20_000n, 9_999n, 80n])]);
    const at = toLower(pool);
    const share = functionSelector("shareWad()");
    const kept = invariant({
      id: "share",
      reads: () => [callRead(at, "parent", share), callRead(at, "block", share)],
      predicate: (answers) => {
        const [before, after] = answers.map((answer) => uintOf(answer));
        return {
          // A unit is lost to rounding in either way.
          holds: before === undefined || after === undefined || after * 1_000n >= before * 999n,
          reason: "A share is worth less than a block ago.",
          evidence: { before: before ?? null, after: after ?? null },
        };
      },
    });
    return stage.end({ watched: [pool], detectors: [...zeroConfigDetectors(), kept, learnedPaths()] });
  },
};
