// What `npm run bench:evm` measures is what it says it measures. Its contracts are compiled and deployed by the benchmark
// itself, which takes minutes: a test of what it left behind.
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openFuzz, openInvariant, openSnapshots } from "../bench/evm/measureOurs.mjs";
import { world } from "../bench/evm/worlds.mjs";

const names = ["Pair", "Perp", "Curie", "Morpho"];
const fileOf = (name: string) => new URL(`../bench/evm/out/worlds/${name}.about.json`, import.meta.url);

describe.each(names)("%s", (name) => {
  // Skipped where `npm run bench:evm` has not run: then there is no world to look at.
  const isThere = existsSync(fileOf(name));

  test.skipIf(!isThere)(
    "EVM-11: calls that are counted succeed, and the view that must hold is asked after each",
    async () => {
      const { round, tally } = await openInvariant(await world(name));
      expect(round()).toBe(100);
      expect(tally.held).toBe(100);
      // Random trades may meet a limit of their protocol, as they do in forge.
      expect(tally.succeeded).toBeGreaterThanOrEqual(90);
      expect(tally.found).toBeGreaterThan(100);
      expect(tally.operands).toBeGreaterThan(100);
    },
  );

  test.skipIf(!isThere)(
    "EVM-11: the fuzz test's four calls and its view all succeed, from the same state each time",
    async () => {
      const { round, tally } = await openFuzz(await world(name));
      round();
      round();
      expect(tally).toMatchObject({ calls: 500, succeeded: 500 });
      expect(tally.found).toBeGreaterThan(100);
      expect(tally.operands).toBeGreaterThan(100);
    },
  );

  test.skipIf(!isThere)("EVM-11: the transaction between snapshot and rollback succeeds each time", async () => {
    const { round, tally } = await openSnapshots(await world(name));
    round();
    expect(tally).toEqual({ calls: 500, succeeded: 500 });
  });
});
