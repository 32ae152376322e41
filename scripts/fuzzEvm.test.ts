import { describe, expect, test } from "vitest";

// @ts-expect-error A script without types.
const { compareEngines } = await import("./fuzzEvm/command.mjs");

describe("EVM-03: our engine and @ethereumjs/vm agree about real contracts", () => {
  test("fuzz: transactions to contracts of npm packages", async () => {
    const run = await compareEngines({ runs: 160, seed: 3, only: "uniswap" });
    expect(run.difference?.what).toBeUndefined();
    expect(run.succeeded).toBeGreaterThan(20);
  });

  test.skipIf(!process.env.TESTUDO_DATA)("fuzz: transactions to the recorded contracts of a capsule", async () => {
    const run = await compareEngines({ runs: 100, seed: 3, only: "capsule 2024-03-woofi" });
    expect(run.difference?.what).toBeUndefined();
    expect(run.succeeded).toBeGreaterThan(5);
  });
});
