import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Call, submit } from "../curie/ChainSession.ts";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { ask, callOf, director } from "../reference/Director.ts";
import { market } from "../reference/honestTraffic.ts";
import { executeBy, noteRequests, requestBy } from "../reference/traderCrowd.ts";
import { openReferenceSuite, type ReferenceSuite } from "./openReferenceSuite.ts";
import { toldBy } from "./SuiteWatch.ts";

let suite: ReferenceSuite;
let honest: Awaited<ReturnType<ReferenceSuite["trade"]>>;
beforeAll(async () => {
  suite = await openReferenceSuite("SPOT", 12);
  honest = await suite.trade(0, 44);
}, 600_000);
afterAll(() => suite?.close());

const branch = <T>(play: () => Promise<T>) => onBranch(suite.session, () => suite.watch.onBranch(play));
const ids = (told: readonly string[]) => told.map((text) => text.split(" ")[0]);

/** Mines `calls` as one block and judges it. */
async function block(calls: readonly Call[]) {
  const { session, crowd, world, watch } = suite;
  const hashes = await submit(session, calls);
  await session.mine();
  await noteRequests(session, crowd, world, hashes);
  return watch.judgeNew();
}

/** Each of `traders` asks for `hundredths` in one block, and the keeper executes in the next. */
async function trade(traders: ReferenceSuite["crowd"]["traders"], hundredths: number) {
  const { world, crowd } = suite;
  const asked = await block(traders.map((trader) => requestBy(world, trader, hundredths)));
  return [...asked, ...(await block(crowd.orders.splice(0).map((order) => executeBy(world, crowd.keeper, order))))];
}

const priceAt = (dollars: number) => callOf(director, suite.world.world, "setHonest", [BigInt(dollars) * 10n ** 18n]);
const liquidation = (of: string) => callOf(suite.crowd.keeper, suite.world.perp, "liquidate", [of, market, 10n ** 36n]);

test("DERIV-01, CAT-01: honest trading on ReferencePerp says nothing", () => {
  expect(honest.map((f) => `${f.detector}: ${f.reason}`)).toEqual([]);
});

test("DERIV-11: the index that funding is judged by is the one that positions are settled at", async () => {
  const { session, world, adapter, crowd } = suite;
  const reader = openStateReader([openEndpoint(session.client.transport.url as string)]);
  const { number, hash, parentHash, timestamp } = await session.client.getBlock({ blockTag: "latest" });
  const query = adapter.market("BASE/USD", "block");
  const answers = await reader.read({ number: number!, hash: hash!, parentHash, timestamp }, query.reads);
  const { funding, accruedAt } = query.decode(answers)!;
  const positions = await Promise.all(
    crowd.traders.map(({ address }) =>
      ask<{ size: bigint; index: bigint }>(session, world.perp, "positionOf", [address, market]),
    ),
  );
  // Who traded last was settled at an index of the last blocks; the honest ones have moved it away from zero.
  expect(funding!.cumulative).not.toBe(0n);
  expect(accruedAt).toBe(timestamp);
  const nearest = positions
    .map(({ index }) => Number(index - funding!.cumulative!))
    .sort((a, b) => Math.abs(a) - Math.abs(b))[0]!;
  expect(Math.abs(nearest)).toBeLessThan(Math.abs(Number(funding!.cumulative)) / 10);
});

test("DERIV-10, DERIV-11: a funding attack is told by the skew, the rate, and the account that it leaves without cover", () =>
  branch(async () => {
    const told = toldBy(await suite.attack("FundingManipulation"));
    expect(told).toContain("skew-oi high anomaly");
    expect(told).toContain("funding high anomaly");
    expect(told).toContain("collateral-jump high damage");
    expect(ids(told)).not.toContain("exec-vs-mark");
  }));

test("DERIV-12: a round trip at a price that a flash loan made is a fill better than the independent feed allows", () =>
  branch(async () => {
    const found = await suite.attack("SpotOracleFlashLoan");
    expect(toldBy(found)).toContain("exec-vs-mark high anomaly");
    const fill = found.find(({ evidence }) => evidence.kind === "fill")!;
    // 240 long, closed at four times the price that the feed says.
    expect(fill.evidence).toMatchObject({ account: fill.addresses[0], role: "taker" });
    expect(Number(fill.evidence.advantage)).toBeGreaterThan(2);
  }));

test("DERIV-08: profit drawn on a pumped price leaves debt that the fund does not cover, told as damage", () =>
  branch(async () => {
    const told = toldBy(await suite.attack("UnrealisedProfit"));
    expect(told).toContain("liq-cascade critical damage");
    expect(told).toContain("skew-oi high anomaly");
  }));

test("DERIV-08: liquidations of a whole side within a minute are told, the liquidation of one is not", () =>
  branch(async () => {
    const { crowd } = suite;
    const [first, ...rest] = crowd.traders.map(({ address }) => address);
    // 15 of the base on 3,000 of margin: eight to eleven times, liquidated some 5 % below.
    const told = await trade(crowd.traders, 1_300);
    expect(ids(toldBy(told))).not.toContain("liq-cascade");
    const one = [...(await block([priceAt(1_760)])), ...(await block([liquidation(first!)]))];
    expect(toldBy(one).filter((text) => text.startsWith("liq-cascade"))).toEqual([]);
    const all = await block(rest.map((address) => liquidation(address)));
    expect(toldBy(all)).toContain("liq-cascade medium anomaly");
  }));

test("DERIV-09: takers who all buy are told by VPIN", () =>
  branch(async () => {
    const found = [];
    for (let round = 0; round < 6; round++) found.push(...(await trade(suite.crowd.traders, 160)));
    const flow = found.filter(({ detector }) => detector === "order-flow");
    expect(flow.length).toBeGreaterThan(0);
    expect(Number(flow.at(-1)!.evidence.vpin)).toBeGreaterThan(0.7);
    expect(Number(flow.at(-1)!.evidence.imbalance)).toBeGreaterThan(0.5);
  }));
