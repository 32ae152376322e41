import type { Hex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CallFrame, callTracerWithLogs, effectiveLogs } from "./callTrace.ts";
import { whyNoData } from "./dataFolder.ts";
import { incidents } from "./incidents.ts";
import { type AttackReceipt, type PreparedIncident, prepareIncident } from "./runIncident.ts";

if (whyNoData) test("incident replays need recorded data", (context) => context.skip(whyNoData));

describe.skipIf(whyNoData).each(incidents)("incident $slug", ({ slug, holdings, gain, unrecordedSlots }) => {
  let prepared: PreparedIncident;
  let receipt: AttackReceipt;

  beforeAll(async () => {
    prepared = await prepareIncident(slug);
    await prepared.deploy();
    receipt = await prepared.attack();
  });
  afterAll(() => prepared?.close());

  test("the attack brings what the public proof of concept logs", async () => {
    expect(await prepared.gain()).toEqual(gain);
  });

  test("what the protected addresses hold before and after is known to the unit", async () => {
    const parent = receipt.blockNumber - 1n;
    const found = await Promise.all(
      holdings.map(async (holding) => ({
        ...holding,
        before: await prepared.balanceOf(holding.asset, holding.holder, parent),
        after: await prepared.balanceOf(holding.asset, holding.holder, receipt.blockNumber),
      })),
    );
    expect(found).toEqual(holdings);
  });

  test("the run asks for no more than the recorded state is known to lack", async () => {
    // Reading balances at the end asks for slots of our own accounts; the bound covers these too.
    const { slots, accounts } = await prepared.missing();
    expect(slots.length).toBeLessThanOrEqual(unrecordedSlots);
    if (prepared.incident.callFile === undefined) expect(accounts).toContain(prepared.lootHolder.toLowerCase());
  });

  test("the attack stands alone in its block and its trace agrees with its receipt", async () => {
    const block = await rpc<{ transactions: Hex[] }>("eth_getBlockByHash", receipt.blockHash, false);
    expect(block.transactions).toEqual([receipt.hash]);
    const trace = await rpc<CallFrame>("debug_traceTransaction", receipt.hash, callTracerWithLogs);
    const ofBlock = await rpc<unknown>("debug_traceBlockByHash", receipt.blockHash, callTracerWithLogs);
    expect(ofBlock).toEqual([{ txHash: receipt.hash, result: trace }]);
    const { logs } = await rpc<{ logs: Event[] }>("eth_getTransactionReceipt", receipt.hash);
    expect([...effectiveLogs(trace)].map(toEvent)).toEqual(logs.map(toEvent));
  });

  async function rpc<Result>(method: string, ...params: unknown[]): Promise<Result> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(prepared.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return ((await response.json()) as { result: Result }).result;
  }
});

interface Event {
  address: Hex;
  topics: Hex[];
  data: Hex;
}

function toEvent({ address, topics, data }: Event): Event {
  return { address, topics, data };
}
