import { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
import { detectOracleWriter } from "@testudo/core/detectors/detectOracleWriter";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { useDetector } from "@testudo/core/model/Detector";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { encodeFunctionData } from "viem/utils";
import { buildOf, manager, most, openIncidentStage, person, thief, users } from "../IncidentStage.ts";

/** A forwarder that checks no signature stands before a feed that trusts it. */
export const kiloEx: IncidentRow = {
  name: "kilo-ex",
  incident: "KiloEx 2025-04",
  loss: "7.5 M",
  mechanism: "a forged forwarder reaches setPrices",
  mustFire: ["oracle-writer", "oracle-deviation"],
  damage: "outflow",
  async play({ rpcUrl }) {
    const stage = openIncidentStage(rpcUrl);
    const keeper = person(50);
    const money = await stage.deploy("Money");
    const forwarder = await stage.deploy("LooseForwarder");
    const feed = await stage.deploy("KeptFeed", [forwarder, keeper, 100n]);
    const reference = await stage.deploy("KeptFeed", [forwarder, keeper, 100n]);
    const book = await stage.deploy("Book", [money, feed]);
    const attack = await stage.deploy("ForgedPrice");
    const traders = users.slice(0, 4);
    await stage.mine([
      ...[attack, ...traders].map((who) => stage.call(manager, money, "Money", "mint", [who, 100n])),
      stage.call(manager, money, "Money", "mint", [book, 1_000_000n]),
      ...traders.map((who) => stage.call(who, money, "Money", "approve", [book, most])),
    ]);
    const writeTo = (to: Address, price: bigint) => {
      const args = [[to], [price]];
      const data = encodeFunctionData({ abi: buildOf("KeptFeed").abi, functionName: "setPrices", args });
      return stage.call(keeper, forwarder, "LooseForwarder", "execute", [keeper, to, data]);
    };
    const write = (price: bigint) => [writeTo(feed, price), writeTo(reference, price)];
    const deal = (who: Address, name: string) => stage.call(who, book, "Book", name);
    stage.begin("use");
    for (const [i, who] of traders.slice(1).entries())
      await stage.mine([deal(who, "open"), ...write(101n + BigInt(i % 2)), deal(who, "close")]);
    stage.begin("twin");
    await stage.mine([deal(traders[0]!, "open"), ...write(102n)]);
    await stage.mine([deal(traders[0]!, "close")]);
    stage.begin("attack");
    stage.begin("harm");
    await stage.mine([stage.call(thief, attack, "ForgedPrice", "run", [forwarder, book, 100n, 900_000n])]);
    const reading = (to: Address) => ({ to: toLower(to), data: functionSelector("price()"), decimals: 0, word: 0 });
    const feeds = [
      {
        name: "feed",
        subject: toLower(book),
        feed: reading(feed),
        references: [reading(reference)],
        twapSeconds: 0,
        maxDeviation: 0.05,
      },
    ];
    const oracles = [{ name: "feed", oracle: toLower(feed), subject: toLower(book), writers: [keeper], selectors: [] }];
    return stage.end({
      watched: [book],
      detectors: [
        ...zeroConfigDetectors(),
        useDetector(detectOracleWriter, { oracles }),
        useDetector(detectOracleDeviation, { feeds }),
      ],
    });
  },
};
