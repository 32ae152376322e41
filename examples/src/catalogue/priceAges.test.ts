import { detectOracleStale } from "@testudo/core/detectors/detectOracleStale";
import { useDetector } from "@testudo/core/model/Detector";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type IncidentStage, manager, openIncidentStage, users } from "../corpus/IncidentStage.ts";
import { openStageWatch, type StageWatch } from "./stageWatch.testkit.ts";

// Our own adapter over a feed of Chainlink's shape: the exchange asks the adapter, and so does the detector.
const heartbeatSeconds = 3_600;
let stage: IncidentStage;
let watch: StageWatch;
let feed: Address;

beforeAll(async () => {
  watch = await openStageWatch();
  stage = openIncidentStage(watch.url);
  feed = await stage.deploy("PushFeed", [manager, 10n ** 8n]);
  const adapter = toLower(await stage.deploy("ChainlinkAdapter", [feed, 0n, 10n ** 12n]));
  const [perp] = users as [Address];
  const named = { name: "BASE/USD", subject: perp, feed: { adapter }, heartbeatSeconds };
  await watch.start([perp], [useDetector(detectOracleStale, { feeds: [named] })]);
});
afterAll(() => watch?.close());

const report = (dollars: number, later: number) =>
  stage.mine([stage.call(manager, feed, "PushFeed", "report", [BigInt(dollars * 1e8)])], later);

test("CAT-01 look-alike: a feed behind an adapter that speaks at its heartbeat, and a calm hour, raise nothing", async () => {
  for (const price of [100, 100, 101]) await report(price, heartbeatSeconds);
  await stage.mine([], heartbeatSeconds);
  expect(await watch.judge()).toEqual([]);
});

test("CAT-01: a feed that has stopped is told through its adapter, and an answer that the adapter does not vouch for", async () => {
  await stage.mine([], heartbeatSeconds);
  expect(await watch.judge()).toEqual(["medium oracle-stale stale"]);
  await report(0, 12);
  expect(await watch.judge()).toEqual(["high oracle-stale value"]);
});
