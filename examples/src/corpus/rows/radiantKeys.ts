import { detectAdminChange } from "@testudo/core/detectors/detectAdminChange";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { useDetector } from "@testudo/core/model/Detector";
import { toLower } from "@testudo/core/model/Hex";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { encodeFunctionData } from "viem/utils";
import { grants } from "../BankWorld.ts";
import { buildOf, openIncidentStage, person, thief, units, users } from "../IncidentStage.ts";
import { day } from "../learnedPaths.ts";

/** The owner's signers were deceived, and the till runs other code. */
export const radiantKeys: IncidentRow = {
  name: "radiant-keys",
  incident: "Radiant 2024-10",
  loss: "about 50 M*",
  mechanism: "signers deceived, an upgrade",
  mustFire: ["admin-change"],
  damage: "outflow after the upgrade",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const owner = person(54);
    const money = await stage.deploy("Token", ["WETH"]);
    const code = await stage.deploy("Till");
    const start = encodeFunctionData({ abi: buildOf("Till").abi, functionName: "start", args: [owner, money] });
    const till = await stage.deploy("TillProxy", [code, start]);
    const [next, swept] = [await stage.deploy("FeeTill"), await stage.deploy("SweptTill")];
    const call = (who: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(who, till, "SweptTill", name, args);
    await stage.mine(grants(stage, money, users, 10_000, [till]));
    stage.begin("use");
    for (const who of users) await stage.mine([call(who, "put", units(1_000))]);
    await stage.mine([], 2 * day);
    stage.begin("twin");
    // An upgrade that the calendar names, to the code that it names.
    await stage.mine([call(owner, "upgrade", next)]);
    await stage.mine([call(users[0]!, "put", units(100)), call(owner, "sweep")]);
    stage.begin("attack");
    await stage.mine([call(owner, "upgrade", swept)]);
    stage.begin("harm");
    await stage.mine([call(thief, "sweep")]);
    const announced = [
      {
        address: toLower(till),
        fromSeconds: 1_750_000_000,
        untilSeconds: 1_750_000_000 + 20 * day,
        values: [toLower(next)],
      },
    ];
    const others = zeroConfigDetectors().filter(({ meta }) => meta.id !== "admin-change");
    return stage.end({ watched: [till], detectors: [...others, useDetector(detectAdminChange, { announced })] });
  },
};
