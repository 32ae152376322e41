import { detectBridgeUnbacked } from "@testudo/core/detectors/detectBridgeUnbacked";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { useDetector } from "@testudo/core/model/Detector";
import { toLower } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { grants } from "../BankWorld.ts";
import { heldBy } from "../covers.ts";
import { openIncidentStage, person, thief, units, users } from "../IncidentStage.ts";
import { day } from "../learnedPaths.ts";

/** One attestor's word releases what is locked, and it was forged. */
export const kelpDao: IncidentRow = {
  name: "kelp-dao",
  incident: "KelpDAO rsETH 2026-04",
  loss: "292 M",
  mechanism: "one attestor, a forged message",
  mustFire: ["bridge-unbacked"],
  damage: "supply without backing",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const attestor = person(53);
    const money = await stage.deploy("Token", ["rsETH"]);
    const bridge = await stage.deploy("OneAttestorBridge", [money, attestor]);
    const call = (who: `0x${string}`, name: string, ...args: unknown[]) =>
      stage.call(who, bridge, "OneAttestorBridge", name, args);
    await stage.mine(grants(stage, money, users, 10_000, [bridge]));
    stage.begin("use");
    for (const who of users) {
      await stage.mine([call(who, "lock", units(5_000))]);
      await stage.mine([call(attestor, "report", units(5_000))]);
    }
    await stage.mine([], 2 * day);
    stage.begin("twin");
    // What is burnt on the other side is released here.
    await stage.mine([call(users[1]!, "lock", units(100))]);
    await stage.mine([call(attestor, "report", units(100) - units(700))]);
    await stage.mine([call(attestor, "release", 1, users[0]!, units(700))]);
    stage.begin("attack");
    stage.begin("harm");
    // The attestor signs what nobody sent.
    await stage.mine([call(attestor, "release", 2, thief, units(40_000))]);
    await stage.mine([], 700);
    const figure = (to: `0x${string}`, data: string) => ({ to: toLower(to), data, decimals: 18, word: 0 });
    const held = heldBy(money, bridge);
    const route = {
      name: "rsETH",
      subject: toLower(bridge),
      locked: figure(held.to, held.data.toLowerCase()),
      minted: figure(bridge, functionSelector("minted()")),
      lagSeconds: 600,
    };
    const detectors = [...zeroConfigDetectors(), useDetector(detectBridgeUnbacked, { routes: [route] })];
    return stage.end({ watched: [bridge], detectors });
  },
};
