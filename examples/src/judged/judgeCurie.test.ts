import { isAtLeast } from "@testudo/core/model/Finding";
import { beforeAll, describe, expect, test } from "vitest";
import { type JudgedPlay, judgeCurie } from "./judgeCurie.ts";

describe.each([1, 2])("Curie's market, seed %i, protected with no configuration", (seed) => {
  let play: JudgedPlay;
  beforeAll(async () => {
    play = await judgeCurie(seed, ({ vault, clearingHouse, insuranceFund }) => [vault, clearingHouse, insuranceFund]);
  }, 600_000);
  const alarmed = () => new Set(play.findings.filter((f) => isAtLeast(f.severity, "high")).map((f) => f.txHash));

  test("no honest transaction raises a high or critical finding", () => {
    const benign = play.sent.filter(({ role }) => role === "benign");
    expect(benign.length).toBeGreaterThan(80);
    expect(benign.filter(({ hash }) => alarmed().has(hash)).map(({ label }) => label)).toEqual([]);
  });

  test("the withdrawal of the loot raises one", () => {
    const withdrawal = play.sent.filter(({ role, label }) => role === "attack" && /withdraws/.test(label));
    expect(withdrawal.map(({ hash }) => alarmed().has(hash))).toEqual([true]);
  });

  test("every high finding names its transaction", () => {
    expect(alarmed()).not.toContain(undefined);
  });
});
