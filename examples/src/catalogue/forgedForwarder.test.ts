import { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
import { detectOracleWriter } from "@testudo/core/detectors/detectOracleWriter";
import { useDetector } from "@testudo/core/model/Detector";
import type { Address } from "@testudo/core/model/Hex";
import { encodeFunctionData, toFunctionSelector } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildOf, type CatalogueStage, openCatalogueStage } from "./catalogueStage.testkit.ts";

// The mechanism of KiloEx, April 2025: a forwarder that checks no signature in front of a feed that trusts it.
const [thief, keeper, trader] = ["02", "05", "06"].map((n) => `0x${n.repeat(20)}` as Address) as [
  Address,
  Address,
  Address,
];
let stage: CatalogueStage;
let [forwarder, feed, book, attack, reference]: Address[] = [];

beforeAll(async () => {
  stage = await openCatalogueStage();
  const money = await stage.deploy("Money");
  forwarder = await stage.deploy("LooseForwarder");
  feed = await stage.deploy("KeptFeed", [forwarder, keeper, 100n]);
  reference = await stage.deploy("KeptFeed", [forwarder, keeper, 100n]);
  book = await stage.deploy("Book", [money, feed]);
  attack = await stage.deploy("ForgedPrice");
  await stage.mine([
    ...[attack, trader].map((who) => stage.call(thief, money, "Money", "mint", [who, 100n])),
    stage.call(thief, money, "Money", "mint", [book, 1_000_000n]),
    stage.call(trader, money, "Money", "approve", [book, 100n]),
  ]);
  const reading = (to: Address) => ({ to, data: toFunctionSelector("price()"), decimals: 0, word: 0 });
  const deviation = useDetector(detectOracleDeviation, {
    feeds: [
      {
        name: "feed",
        subject: book,
        feed: reading(feed),
        references: [reading(reference)],
        twapSeconds: 0,
        maxDeviation: 0.05,
      },
    ],
  });
  const oracles = [{ name: "feed", oracle: feed, subject: book, writers: [keeper], selectors: [] }];
  await stage.watch([book], [useDetector(detectOracleWriter, { oracles }), deviation]);
});
afterAll(() => stage?.close());

const write = (price: bigint) => {
  const data = encodeFunctionData({ abi: buildOf("KeptFeed").abi, functionName: "setPrices", args: [[feed], [price]] });
  return stage.call(keeper, forwarder!, "LooseForwarder", "execute", [keeper, feed, data]);
};

test("CAT-01 look-alike: the keeper writes through the same forwarder, and a trader deals around it", async () => {
  await stage.mine([
    stage.call(trader, book!, "Book", "open"),
    write(102n),
    stage.call(trader, book!, "Book", "close"),
  ]);
  expect(stage.found()).toEqual([]);
});

test("CAT-01: who writes the price in the keeper's name and uses it is critical, and the price far off its reference", async () => {
  await stage.mine([stage.call(thief, attack!, "ForgedPrice", "run", [forwarder, book, 100n, 900_000n])]);
  const [told] = stage.findings();
  expect(told?.evidence).toMatchObject({ strangers: [thief], claimed: keeper, usedInSameTransaction: true });
  expect(stage.found()).toEqual([
    "critical oracle-writer",
    "high oracle-deviation asked",
    "high oracle-deviation deviation",
  ]);
});
