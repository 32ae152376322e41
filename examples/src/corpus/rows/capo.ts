import { detectAdminChange } from "@testudo/core/detectors/detectAdminChange";
import { invariant } from "@testudo/core/detectors/invariant";
import { useDetector } from "@testudo/core/model/Detector";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { eventTopic, functionSelector } from "@testudo/core/model/signatureHash";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { bankWatched, grants } from "../BankWorld.ts";
import { manager, openIncidentStage, person, thief, units, users } from "../IncidentStage.ts";

const liquidated = eventTopic("Liquidated(address,address,uint256)");
const ltv = 93n * 10n ** 16n;

/** Ratio and time of a price cap, each moved within its own bound, put a sound collateral below its worth. */
export const capo: IncidentRow = {
  name: "capo",
  incident: "CAPO 2026-03",
  loss: "26 to 27 M liquidated",
  mechanism: "two coupled parameters, each within its bounds",
  mustFire: ["oracle-deviation", "liq-cascade", "admin-change"],
  damage: "healthy accounts are liquidated",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const steward = person(51);
    const token = await stage.deploy("Token", ["wstETH"]);
    const money = await stage.deploy("Token", ["WETH"]);
    const ratio = await stage.deploy("KeeperFeed", [units(1.2)], manager);
    const cap = await stage.deploy("CapAdapter", [ratio], steward);
    const bank = await stage.deploy("FeedBank", [money, token, ltv, cap], manager);
    const call = (who: Address, name: string, ...args: unknown[]) => stage.call(who, bank, "FeedBank", name, args);
    const setRatio = (value: number) => stage.call(manager, ratio, "KeeperFeed", "set", [units(value)]);
    const setCap = (value: bigint, time: number | bigint) =>
      stage.call(steward, cap, "CapAdapter", "setCap", [value, time]);
    const timeNow = async () => stage.read<bigint>(ratio, "KeeperFeed", "updatedAt");
    const borrowers = users.slice(0, 8);
    await stage.mine([
      ...grants(stage, token, borrowers, 1_000, [bank]),
      ...grants(stage, money, [thief, users[11]!], 20_000, [bank]),
      ...grants(stage, money, [bank], 20_000, []),
    ]);
    stage.begin("use");
    // Six of them stand at 92 % of what they may borrow and more; the last two are careful.
    for (const [i, who] of borrowers.entries()) {
      await stage.mine([call(who, "supply", units(100))]);
      await stage.mine([call(who, "borrow", units(i < 6 ? 109.5 + 0.15 * i : 60))]);
    }
    stage.begin("twin");
    // The ratio has really grown, and the cap follows with both parameters at once; an account at its very limit slips.
    await stage.mine([setRatio(1.2001)], 3_600);
    await stage.mine([setCap(units(1.2001), await timeNow())]);
    const slipping = users[8]!;
    await stage.mine([...grants(stage, token, [slipping], 10, [bank]), call(slipping, "supply", units(10))]);
    await stage.mine([call(slipping, "borrow", units(11.16))]);
    await stage.mine([setRatio(1.1999)]);
    await stage.mine([call(users[11]!, "liquidate", slipping)]);
    await stage.mine([setRatio(1.2001)]);
    stage.begin("attack");
    // The ratio 2.9 % down, the time up to now: both allowed, and the price is 2.9 % too low.
    await stage.mine([setCap((units(1.2001) * 971n) / 1_000n, await timeNow())]);
    stage.begin("harm");
    await stage.mine(borrowers.slice(0, 6).map((who) => call(thief, "liquidate", who)));
    const priceOf = (to: Address) =>
      ({ kind: "call", at: "block", to: toLower(to), data: functionSelector("priceWad()") }) as const;
    const fair = invariant({
      id: "fair-liquidation",
      severity: "high",
      reads: () => [priceOf(cap), priceOf(ratio)],
      predicate: ([capped, honest], context) => {
        const [price, worth] = [capped, honest].map((a) => (a?.ok === true ? BigInt(a.value) : 0n)) as [bigint, bigint];
        const isLiquidated = context.block.logs.some(
          ({ address, topics }) => address === toLower(bank) && topics[0] === liquidated,
        );
        return {
          holds: !isLiquidated || price * 100n >= worth * 99n,
          reason: "Accounts were liquidated at a price more than 1 % below the ratio.",
          evidence: { price, worth },
        };
      },
    });
    const place = {
      bank,
      token,
      ltv,
      honest: ratio,
      source: { to: cap, name: "priceWad()" },
      maxDeviation: 0.02,
    };
    const governed = useDetector(detectAdminChange, { governors: [toLower(cap)] });
    const { watched, detectors } = bankWatched(place, [governed, fair]);
    return stage.end({
      watched,
      detectors: detectors.filter((use, i) => i >= detectors.length - 2 || use.meta.id !== "admin-change"),
    });
  },
};
