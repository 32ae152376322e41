import { detectOracleFrontrun } from "@testudo/core/detectors/detectOracleFrontrun";
import { useDetector } from "@testudo/core/model/Detector";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { grants } from "../corpus/BankWorld.ts";
import { type IncidentStage, manager, openIncidentStage, thief, units, users } from "../corpus/IncidentStage.ts";
import { openStageWatch, type StageWatch } from "./stageWatch.testkit.ts";

// A pool that sells at the feed's price, as an oracle-priced exchange does, and a keeper whose update waits in the same block.
let stage: IncidentStage;
let watch: StageWatch;
let [money, token, feed, desk]: Address[] = [];

beforeAll(async () => {
  watch = await openStageWatch();
  stage = openIncidentStage(watch.url);
  money = await stage.deploy("Token", ["USD"]);
  token = await stage.deploy("Token", ["BASE"]);
  feed = await stage.deploy("KeeperFeed", [units(100)], manager);
  desk = await stage.deploy("FeedDesk", [money, token, feed]);
  await stage.mine([
    ...grants(stage, money, [thief, ...users], 100_000, [desk]),
    ...grants(stage, token, [thief, ...users], 1_000, [desk]),
    ...grants(stage, money, [desk], 100_000, []),
    ...grants(stage, token, [desk], 1_000, []),
  ]);
  await watch.start([desk], [useDetector(detectOracleFrontrun, { oracles: [toLower(feed)] })]);
});
afterAll(() => watch?.close());

const deal = (who: Address, name: "buy" | "sell", amount: number) =>
  stage.call(who, desk!, "FeedDesk", name, [units(amount)]);
const update = (price: number) => stage.call(manager, feed!, "KeeperFeed", "set", [units(price)]);

test("CAT-01 look-alike: traders around an update, a keeper, and one who holds over it at a loss raise nothing", async () => {
  const [a, b, c] = users as [Address, Address, Address];
  await stage.mine([deal(a, "buy", 5), update(101), deal(b, "sell", 5)]);
  await stage.mine([deal(c, "buy", 5), update(100), deal(c, "sell", 5)]);
  await stage.mine([deal(c, "buy", 5)]);
  await stage.mine([update(101)]);
  await stage.mine([deal(c, "sell", 5)]);
  expect(await watch.judge()).toEqual([]);
});

test("CAT-01: who buys right before the update and sells right after is low once, medium at the third time, high at the sixth", async () => {
  for (let i = 0; i < 6; i++) {
    await stage.mine([update(100)]);
    await stage.mine([deal(thief, "buy", 100), update(103), deal(thief, "sell", 100)]);
  }
  // What goes on is counted on the finding that is open, and told anew where it becomes graver.
  expect(await watch.judge()).toEqual(["low oracle-frontrun", "medium oracle-frontrun", "high oracle-frontrun"]);
});
