import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import type { Stage } from "testudo/drill/Scenario";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSession, rpc } from "../curie/ChainSession.ts";
import { scenarios } from "./drill.ts";

const guardians = [5, 6, 7].map((index) => anvilAccount(index).address.toLowerCase() as `0x${string}`);
const anvils: Anvil[] = [];
async function chain() {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000, args: scenarios[0]!.anvilArgs ?? [] });
  anvils.push(anvil);
  await rpc((await openSession(anvil.url)).client, "anvil_setBlockTimestampInterval", [2]);
  return anvil.url;
}

async function play(stage: Stage, rpcUrl: string) {
  const { mine } = await openSession(rpcUrl);
  for (let slot = 0; slot < stage.slots; slot++) {
    await stage.act(slot);
    await mine();
  }
  await stage.settle();
  return { lossUsd: await stage.lossUsd(), waysOut: await stage.riskReducing() };
}

// Where the modules bound nothing a watch has to be in time: the drill plays those.
const bounded = scenarios.filter((scenario) => scenario.beforeBlock === undefined);

describe.each(bounded.map((scenario) => [scenario.name, scenario] as const))("%s on a real chain", (_, scenario) => {
  let naive: Awaited<ReturnType<typeof play>>;
  let hardened: Awaited<ReturnType<typeof play>>;
  let bound: number | undefined;
  afterAll(async () => {
    for (const anvil of anvils.splice(0)) await anvil.stop();
  });
  beforeAll(async () => {
    const [bare, behind] = [await chain(), await chain()];
    naive = await play(await scenario.setup({ rpcUrl: bare, seed: 1 }), bare);
    const { stage } = await scenario.setupDefended({ rpcUrl: behind, seed: 1, guardians });
    bound = stage.boundUsd;
    hardened = await play(stage, behind);
  }, 600_000);

  test("PERP-07: others lose where nothing defends, and at most the stated bound where the modules stand", () => {
    expect(naive.lossUsd).toBeGreaterThan(0);
    expect(hardened.lossUsd).toBeLessThanOrEqual(bound!);
    expect(hardened.lossUsd).toBeLessThan(naive.lossUsd);
  });

  test("RESP-02: paying in, closing and liquidation work by real transactions", () => {
    expect(hardened.waysOut.map(({ name, ok }) => [name, ok])).toEqual([
      ["deposit", true],
      ["closePosition", true],
      ["liquidate", true],
    ]);
  });
});
