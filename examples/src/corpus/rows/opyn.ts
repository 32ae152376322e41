import { invariant } from "@testudo/core/detectors/invariant";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { uintOf } from "@testudo/core/model/Query";
import { functionSelector } from "@testudo/core/model/signatureHash";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { grants } from "../BankWorld.ts";
import { openIncidentStage, thief, users } from "../IncidentStage.ts";

const ether = 10n ** 18n;

/** One payment in ether counts for each writer that is exercised against. */
export const opyn: IncidentRow = {
  name: "opyn",
  incident: "Opyn 2020-08",
  loss: "371 k*",
  mechanism: "an exercise is counted twice",
  mustFire: ["invariant"],
  damage: "the writers' loss",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const money = await stage.deploy("Token", ["USDC"]);
    const seller = await stage.deploy("PutSeller", [money]);
    const call = (who: Address, name: string, args: unknown[], value?: bigint) =>
      stage.call(who, seller, "PutSeller", name, args, value);
    await stage.mine(grants(stage, money, users, 100_000, [seller]));
    stage.begin("use");
    const holder = users[11]!;
    await stage.mine(users.map((who) => call(who, "write", [10n * ether, holder])));
    for (const writer of users.slice(0, 4)) await stage.mine([call(holder, "exercise", [ether, [writer]], ether)]);
    stage.begin("twin");
    await stage.mine([call(users[4]!, "write", [6n * ether, users[10]])]);
    await stage.mine([call(users[10]!, "exercise", [6n * ether, [users[4]]], 6n * ether)]);
    stage.begin("attack");
    await stage.mine([call(users[5]!, "write", [20n * ether, thief]), call(users[6]!, "write", [20n * ether, thief])]);
    stage.begin("harm");
    const writers = users.slice(5, 7);
    await stage.mine([call(thief, "exercise", [20n * ether, writers], 20n * ether)]);
    const at = toLower(seller);
    const backed = invariant({
      id: "ether",
      reads: () => [
        { kind: "balance", at: "block", address: at },
        { kind: "call", at: "block", to: at, data: functionSelector("etherOwed()") },
      ],
      predicate: (answers) => {
        const [held, owed] = answers.map((answer) => uintOf(answer));
        return {
          holds: held !== undefined && owed !== undefined && held >= owed,
          reason: `Writers are owed ${owed} wei and ${held} is there.`,
          evidence: { held: held ?? null, owed: owed ?? null },
        };
      },
    });
    return stage.end({ watched: [seller], detectors: [...zeroConfigDetectors(), backed] });
  },
};
