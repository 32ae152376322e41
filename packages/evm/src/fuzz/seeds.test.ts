import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compareCase, openComparison } from "./compareWorld.testkit.ts";
import { readFuzzCase, writeFuzzCase } from "./fuzzCaseJson.ts";
import { createRandom } from "./Random.ts";
import { soupWorld } from "./soupWorld.ts";

const folder = new URL("./seeds/", import.meta.url);
const seeds = readdirSync(folder);

describe("EVM-03: our engine and @ethereumjs/vm agree", () => {
  test.each(seeds)("behavior: about %s, which they once did not", async (file) => {
    const found = readFuzzCase(readFileSync(new URL(file, folder), "utf8"));
    expect(await compareCase(found, false)).toBeUndefined();
    expect(await compareCase(found, true)).toBeUndefined();
  });

  test("fuzz: about random bytecode", async () => {
    let succeeded = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const world = soupWorld(createRandom(seed), seed % 2 === 0 ? "cancun" : "prague");
      const comparison = await openComparison(world, seed % 3 === 0);
      const run = await comparison.run(seed, 20, { ample: 100_000, tight: 60_000 });
      expect(run.difference?.what).toBeUndefined();
      succeeded += run.succeeded;
    }
    expect(succeeded).toBeGreaterThan(10);
  });

  test("behavior: a case is the same after it was written and read", () => {
    const file = readFuzzCase(readFileSync(new URL(seeds[0]!, folder), "utf8"));
    expect(readFuzzCase(writeFuzzCase(file))).toEqual(file);
  });

  test("behavior: a wrong state is seen", async () => {
    const world = { ...soupWorld(createRandom(1)), name: "wrong" };
    const comparison = await openComparison(world, false);
    comparison.own.engine.setBalance(world.senders[0]!, 5n);
    const run = await comparison.run(1, 10, { ample: 100_000, tight: 60_000 });
    expect(run.difference?.what).toMatch(/refuses it|has .* wei/);
  });
});
