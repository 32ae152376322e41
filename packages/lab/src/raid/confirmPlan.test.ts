// What a find says of itself, held against an engine that is not ours.
import { beforeAll, expect, test } from "vitest";
import { edrPeer } from "../capsule/openEdr.ts";
import { callTill, ether, openTillStage, type TillStage, thief } from "../patch/tillStage.testkit.ts";
import type { Capsule } from "../record/Capsule.ts";
import { type Claim, confirmPlan } from "./confirmPlan.ts";
import type { Figure } from "./Scenario.ts";

let stage: TillStage;
let capsule: Capsule;
beforeAll(async () => {
  stage = await openTillStage();
  capsule = stage.capsule([callTill(stage, thief, "take", [30n * ether], { role: "attack" })]);
});

const money = (below: bigint): Figure => ({
  ...{ name: "money", to: stage.till, input: "0x", word: 0, breaks: { below } },
});
const confirmed = (claim: Partial<Claim>) =>
  confirmPlan(edrPeer, capsule, {
    scenario: { assets: [{ name: "ether", decimals: 18, priceWad: ether, capital: 0n }] },
    ...{ accounts: [thief], gainWad: 30n * ether, costWad: 0n, ...claim },
  });

test("LAB-32: a find is confirmed where another engine comes to its gain, after its cost, and breaks its figure", async () => {
  const ok = { engine: "EDR", ok: true, difference: null };
  expect(await confirmed({})).toEqual(ok);
  expect(await confirmed({ gainWad: 25n * ether, costWad: 5n * ether })).toEqual(ok);
  expect(await confirmed({ figure: money(471n * ether) })).toEqual(ok);
});

test("LAB-32: a find that says more than another engine comes to is not confirmed, with what it came to", async () => {
  const not = (difference: string) => ({ engine: "EDR", ok: false, difference });
  const [more, got] = [31n * ether, 30n * ether];
  expect(await confirmed({ gainWad: more })).toEqual(not(`expected a gain of ${more}, got ${got}`));
  expect(await confirmed({ costWad: 1n })).toEqual(not(`expected a gain of ${got}, got ${got - 1n}`));
  const figure = money(470n * ether);
  expect(await confirmed({ figure })).toEqual(not(`"money" is ${470n * ether}, and not broken`));
});
