import { afterEach, describe, expect, test, vi } from "vitest";
import { DataFolderUnset, dataFolder, whyNoData } from "./dataFolder.ts";
import { AttackReverted, prepareIncident, UnknownIncident } from "./runIncident.ts";

afterEach(() => vi.unstubAllEnvs());

test("error: unknown incident", async () => {
  const preparing = prepareIncident("theta" as never);
  await expect(preparing).rejects.toThrow(UnknownIncident);
  await expect(preparing).rejects.toThrow(/^There is no incident "theta"\.\n- Known: predyfinance, /);
});

test("error: no folder of recorded data is named", () => {
  vi.stubEnv("TESTUDO_DATA", "");
  expect(dataFolder).toThrow(DataFolderUnset);
});

describe.skipIf(whyNoData)("with recorded data", () => {
  test("error: an attack that the chain refuses the second time", async () => {
    const prepared = await prepareIncident("orbitchain");
    try {
      await prepared.attack();
      await expect(prepared.attack()).rejects.toThrow(AttackReverted);
    } finally {
      await prepared.close();
    }
  });

  test("a contract can be deployed first, and is deployed once", async () => {
    const prepared = await prepareIncident("seneca");
    try {
      await prepared.deploy();
      await prepared.deploy();
      const { blockNumber } = await prepared.attack();
      expect(blockNumber).toBe(19_325_936n + 2n);
    } finally {
      await prepared.close();
    }
  });
});
