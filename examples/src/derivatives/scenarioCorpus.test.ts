// The derivative rows of the incident corpus as small local attacks, each beside the same calls with honest inputs.
import type { Finding } from "@testudo/core/model/Finding";
import { toLower } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { toldBy } from "./SuiteWatch.ts";
import { callOf, coinCall, openScenarioStage, type ScenarioStage, swap, units } from "./scenarioStage.testkit.ts";

let stage: ScenarioStage;
let honest: Finding[];
beforeAll(async () => {
  stage = await openScenarioStage();
  honest = await stage.trade(0, 30);
}, 600_000);
afterAll(() => stage?.close());

const branch = <T>(play: () => Promise<T>) => onBranch(stage.session, () => stage.watch.onBranch(play));
const detectors = (found: readonly Finding[]) => [...new Set(found.map(({ detector }) => detector))];
const perpCall = (...args: [ScenarioStage["crooks"][0], string, ...unknown[]]) => {
  const [from, name, ...rest] = args;
  return callOf(from, stage.perp, "ScenarioPerp", name, ...rest);
};

test("CAT-01: honest trades, funding and margins in the corpus's market say nothing", () => {
  expect(honest.map((f) => `${f.detector}: ${f.reason}`)).toEqual([]);
});

test("EVAL-10: PerpPair 2026-04, a self-trade against the exchange's own pool, is told by execution; two strangers are not", () =>
  branch(async () => {
    const { block, crooks, selfTrader, traders } = stage;
    const [a, b] = traders;
    const twin = [
      ...(await block([perpCall(a!, "trade", units(20))])),
      ...(await block([perpCall(b!, "trade", units(20))])),
      ...(await block([perpCall(a!, "trade", units(-20))])),
    ];
    expect(twin).toEqual([]);
    const run = callOf(
      crooks[0],
      selfTrader,
      "SelfTrader",
      "run",
      stage.perp,
      units(300_000),
      units(10_000),
      units(5_000),
    );
    const told = await block([run]);
    expect(told.find(({ evidence }) => evidence.kind === "self-trade")).toMatchObject({
      detector: "exec-vs-mark",
      severity: "high",
    });
  }));

test("EVAL-10: Perpetual Protocol 2026-07, a premium of 1e70 that anybody may set, is told by funding; the keeper's is not", () =>
  branch(async () => {
    const { block, crooks, traders } = stage;
    expect(await block([perpCall(traders[0]!, "accrue")])).toEqual([]);
    const told = await block([perpCall(crooks[0], "updateFunding", 10n ** 70n)]);
    expect(toldBy(told)).toEqual(["funding critical invariant"]);
  }));

test("EVAL-10: JELLY 2025-03, a position left to the vault on a thin asset, is told by skew, oracle and cascade", () =>
  branch(async () => {
    const { block, crooks, traders, money } = stage;
    const [first, second] = crooks;
    // The twin: an ordinary trader opens and the price wanders by one per cent.
    const twin = await block([perpCall(traders[0]!, "trade", units(10)), swap(stage, traders[1]!, money, 900)]);
    expect(twin).toEqual([]);
    const found = [
      ...(await block([perpCall(first, "deposit", units(400_000)), perpCall(second, "deposit", units(400_000))])),
      ...(await block([perpCall(first, "trade", units(-5_000)), perpCall(second, "trade", units(5_000))])),
      ...(await block([swap(stage, second, money, 160_000)])),
      ...(await block([perpCall(traders[0]!, "liquidate", first.address)])),
    ];
    expect(detectors(found)).toEqual(expect.arrayContaining(["skew-oi", "oracle-deviation", "liq-cascade"]));
    expect(toldBy(found)).toContain("liq-cascade critical damage");
  }));

test("EVAL-10: Mango 2022-10, a self-traded perpetual and a loan on its profit, is told by oracle, skew and leverage", () =>
  branch(async () => {
    const { block, crooks, traders, money } = stage;
    const [first, second] = crooks;
    const twin = [
      ...(await block([perpCall(traders[2]!, "borrow", units(2_000))])),
      ...(await block([perpCall(traders[2]!, "trade", units(5))])),
    ];
    expect(twin).toEqual([]);
    const found = [
      ...(await block([perpCall(first, "deposit", units(500_000)), perpCall(second, "deposit", units(500_000))])),
      ...(await block([perpCall(first, "trade", units(-3_000)), perpCall(second, "trade", units(3_000))])),
      ...(await block([swap(stage, first, money, 120_000)])),
      ...(await block([perpCall(second, "borrow", units(780_000))])),
    ];
    expect(detectors(found)).toEqual(expect.arrayContaining(["oracle-deviation", "skew-oi", "looped-borrow"]));
  }));

test("EVAL-10: Venus THE 2026-03, collateral that is most of its token past the cap, is told by looped borrow; below it not", () =>
  branch(async () => {
    const { block, crooks, traders, token, lender } = stage;
    const lend = (from: (typeof crooks)[0], name: string, ...args: unknown[]) =>
      callOf(from, lender, "ScenarioLender", name, ...args);
    const twin = await block([
      lend(traders[0]!, "supply", units(100)),
      lend(traders[0]!, "borrowFor", traders[0]!.address, units(4_000)),
    ]);
    expect(twin).toEqual([]);
    const mint = coinCall(crooks[0], token, "mint", crooks[0].address, units(9_000));
    const found = [
      ...(await block([
        mint,
        lend(crooks[0], "supply", units(900)),
        coinCall(crooks[0], token, "transfer", lender, units(8_000)),
      ])),
      ...(await block([lend(crooks[1], "borrowFor", crooks[0].address, units(250_000))])),
    ];
    const loop = found.find(({ detector }) => detector === "looped-borrow")!;
    expect(loop.addresses).toEqual([toLower(crooks[0].address)]);
    expect(Number(loop.evidence.ownShare)).toBeGreaterThan(0.3);
  }));

test("EVAL-10: GMX v1 2025-07, shares paid by a stale average of the shorts, is told by execution; an honest exit is not", () =>
  branch(async () => {
    const { block, crooks } = stage;
    const [first, second] = crooks;
    const entry = [perpCall(first, "addLiquidity", units(100_000)), perpCall(second, "deposit", units(400_000))];
    expect(await block(entry)).toEqual([]);
    expect(await block([perpCall(first, "removeLiquidity", units(20_000))])).toEqual([]);
    const found = [
      ...(await block([perpCall(second, "tradeAside", units(-1_500))])),
      ...(await block([perpCall(first, "removeLiquidity", units(70_000))])),
    ];
    const fill = found.find(({ evidence }) => evidence.kind === "fill" && evidence.market === "LP")!;
    expect(fill).toMatchObject({ detector: "exec-vs-mark", severity: "high", addresses: [toLower(first.address)] });
  }));
