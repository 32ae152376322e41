import { toLower } from "@testudo/core/model/Hex";
import type { Hex } from "viem";
import { numberToHex } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rpc } from "../curie/ChainSession.ts";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { toldBy } from "../derivatives/SuiteWatch.ts";
import {
  dollars,
  keepPool,
  movePool,
  movePrice,
  type OptionsStage,
  openOptionsStage,
  startPrice,
  untilExpiry,
  whole,
} from "./optionsStage.testkit.ts";

let stage: OptionsStage;
let honest: Awaited<ReturnType<OptionsStage["trade"]>>;
beforeAll(async () => {
  stage = await openOptionsStage();
  honest = await stage.trade(0, 30);
}, 600_000);
afterAll(() => stage?.close());

const branch = <T>(play: () => Promise<T>) => onBranch(stage.session, () => stage.watch.onBranch(() => keepPool(play)));
const balance = async (token: Hex, of: Hex) =>
  BigInt(
    await rpc<Hex>(stage.session.client, "eth_call", [
      { to: token, data: `0x70a08231${of.slice(2).padStart(64, "0")}` },
      "latest",
    ]),
  );

test("DERIV-04, CAT-01: deposits, purchases, an honest settlement and exercise say nothing", () =>
  branch(async () => {
    const { block, call, people, asset, vault } = stage;
    expect(honest).toEqual([]);
    const before = await balance(asset, people.buyers[0]!.address);
    const quiet = [
      ...(await untilExpiry(stage)),
      ...(await block([...movePrice(stage, 2_100), call(people.manager, "settle")])),
      ...(await block(people.buyers.map((buyer) => call(buyer, "exercise")))),
      ...(await block([call(people.depositor, "withdraw", whole(500))])),
    ];
    expect(quiet.map(({ reason }) => reason)).toEqual([]);
    // Struck at 2,040 and settled near 2,100 a call pays some 2.9 % of one underlying.
    expect(await balance(asset, people.buyers[0]!.address)).toBeGreaterThan(before);
    expect(await balance(asset, vault)).toBeLessThan(whole(600));
  }));

test("DERIV-04, DERIV-12: calls bought after the pool was pushed down cost less than they are worth", () =>
  branch(async () => {
    const { block, call, people } = stage;
    const told = await block([
      ...movePool(stage, startPrice * 0.1, people.attacker),
      call(people.attacker, "buy", whole(400)),
    ]);
    expect(toldBy(told)).toContain("exec-vs-mark medium anomaly");
    const fill = told.find(({ evidence }) => evidence.kind === "fill")!;
    expect(fill.addresses).toEqual([toLower(people.attacker.address)]);
    expect(toldBy(told)).toContain("skew-oi medium anomaly");
  }));

test("DERIV-04, DERIV-12: a settlement at a pumped price pays more than the payoff at an independent one", () =>
  branch(async () => {
    const { block, call, people, asset } = stage;
    await block([call(people.attacker, "buy", whole(300))]);
    await untilExpiry(stage);
    const before = await balance(asset, people.attacker.address);
    const told = await block([
      ...movePool(stage, startPrice * 4, people.attacker),
      call(people.attacker, "settle"),
      call(people.attacker, "exercise"),
      ...movePool(stage, startPrice, people.attacker),
    ]);
    // Out of the money at 2,000, and paid as at 8,000: three quarters of what it covers.
    expect((await balance(asset, people.attacker.address)) - before).toBeGreaterThan(whole(200));
    expect(toldBy(told)).toContain("exec-vs-mark high anomaly");
    expect(told.find(({ evidence }) => evidence.kind === "fill")!.evidence).toMatchObject({ role: "settlement" });
  }));

test("DERIV-04, DERIV-07: underlying that leaves without a word of the vault is damage, a purchase of calls is none", () =>
  branch(async () => {
    const { block, call, session, vault, asset, people, callOn } = stage;
    expect(await block([call(people.buyers[0]!, "buy", whole(5))])).toEqual([]);
    // A hole that no event tells of: the vault's own account sends.
    await rpc(session.client, "anvil_impersonateAccount", [vault]);
    await rpc(session.client, "anvil_setBalance", [vault, numberToHex(10n ** 18n)]);
    const { data } = callOn("Coin", people.attacker, asset, "transfer", people.attacker.address, whole(600));
    await rpc(session.client, "eth_sendTransaction", [{ from: vault, to: asset, data, gas: numberToHex(100_000) }]);
    const told = await block([]);
    expect(toldBy(told)).toEqual(["collateral-jump high damage"]);
    expect(await balance(stage.money, vault)).toBeGreaterThan(dollars(100));
  }));
