import { detectShareInflation } from "@testudo/core/detectors/detectShareInflation";
import { useDetector } from "@testudo/core/model/Detector";
import type { Address } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CatalogueStage, openCatalogueStage } from "./catalogueStage.testkit.ts";

// OpenZeppelin's ERC-4626 as it is, virtual share included: what it does to the victim is what it is there to bound.
const [thief, user] = ["02", "03"].map((n) => `0x${n.repeat(20)}` as Address) as [Address, Address];
const wad = 10n ** 18n;
let stage: CatalogueStage;
let money: Address;

beforeAll(async () => {
  stage = await openCatalogueStage();
  money = await stage.deploy("Money");
  await stage.mine([thief, user].map((who) => stage.call(thief, money, "Money", "mint", [who, 10n ** 6n * wad])));
});
afterAll(() => stage?.close());

async function openVault(): Promise<Address> {
  const vault = await stage.deploy("Savings", [money]);
  const approve = (who: Address) => stage.call(who, money, "Money", "approve", [vault, 2n ** 256n - 1n]);
  await stage.mine([approve(thief), approve(user)]);
  await stage.watch([vault], [useDetector(detectShareInflation)]);
  return vault;
}
const deposit = (who: Address, vault: Address, amount: bigint) =>
  stage.mine([stage.call(who, vault, "Savings", "deposit", [amount, who])]);
const donate = (vault: Address, amount: bigint) =>
  stage.mine([stage.call(thief, money, "Money", "transfer", [vault, amount])]);

test("CAT-01: a gift to a vault of one share is high, and the depositor who gets none for his money critical", async () => {
  const vault = await openVault();
  await deposit(thief, vault, 1n);
  expect(stage.found()).toEqual([]);
  await donate(vault, 10_000n * wad);
  expect(stage.found()).toEqual(["high share-inflation rise"]);
  await deposit(user, vault, 4_000n * wad);
  expect(stage.found()).toEqual(["critical share-inflation empty-deposit", "high share-inflation rise"]);
});

test("CAT-01 look-alike: deposits, withdrawals and a day's yield raise nothing", async () => {
  const vault = await openVault();
  await deposit(user, vault, 10_000n * wad);
  await deposit(thief, vault, 4_000n * wad);
  await donate(vault, 14n * wad);
  await stage.mine([stage.call(user, vault, "Savings", "withdraw", [9_000n * wad, user, user])]);
  expect(stage.found()).toEqual([]);
});
