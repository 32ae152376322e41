import { fileURLToPath } from "node:url";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { compile } from "@testudo/contracts/compile";
import type { Address, Hex } from "viem";
import { createTestClient, http, publicActions, walletActions } from "viem";
import { encodeFunctionData } from "viem/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CallFrame, callTracerWithLogs, effectiveLogs, framesOf } from "./callTrace.ts";

const artifact = compile([fileURLToPath(new URL("./TraceShapes.sol", import.meta.url))]).TraceShapes!;
const HEIR = "0x00000000000000000000000000000000000a11ce";

// What an analysis of asset flows has to know about anvil's call trees. A new anvil that changes one fails here.
describe("callTracer of anvil", () => {
  let anvil: Anvil;
  let client: ReturnType<typeof connect>;
  let sender: Address;
  let target: Address;

  beforeAll(async () => {
    anvil = await startAnvil({ noMining: true });
    client = connect(anvil.url);
    sender = (await client.getAddresses())[0]!;
    const { contractAddress } = await mine([await send({ data: artifact.bytecode, value: 100n })]);
    target = contractAddress!;
  });
  afterAll(() => anvil?.stop());

  const send = (tx: { to?: Address; data: Hex; value?: bigint }) =>
    client.sendTransaction({ account: sender, chain: null, gas: 1_000_000n, ...tx });
  const mine = async (hashes: Hex[]) => {
    await client.mine({ blocks: 1 });
    return client.getTransactionReceipt({ hash: hashes.at(-1)! });
  };
  const call = (functionName: string, args: readonly unknown[] = [], value = 0n) =>
    send({ to: target, data: encodeFunctionData({ abi: artifact.abi, functionName, args }), value });
  const traceOf = async (hash: Hex) => {
    await mine([hash]);
    return (await request("debug_traceTransaction", hash, callTracerWithLogs)) as CallFrame;
  };
  const request = (method: string, ...params: unknown[]): Promise<unknown> =>
    client.request({ method, params } as never);

  test("position puts logs between the calls of their frame, so that the order is the receipt's", async () => {
    const hash = await call("logAroundCall");
    const frame = await traceOf(hash);
    const { logs } = await client.getTransactionReceipt({ hash });
    expect([...effectiveLogs(frame)].map((log) => BigInt(log.data))).toEqual([1n, 2n, 3n]);
    expect(logs.map((log) => BigInt(log.data))).toEqual([1n, 2n, 3n]);
    expect(frame.logs?.map((log) => log.position)).toEqual(["0x0", "0x1"]);
  });

  test("a frame below a reverted frame carries no error of its own", async () => {
    const frame = await traceOf(await call("revertBelow"));
    const [reverted] = frame.calls!;
    expect(reverted).toMatchObject({ error: "execution reverted", revertReason: "undone" });
    expect(reverted?.calls?.map((child) => child.error)).toEqual([undefined]);
    expect([...effectiveLogs(frame)].map((log) => BigInt(log.data))).toEqual([1n, 4n]);
  });

  test("a reverted transaction keeps the logs of its top frame, though its receipt has none", async () => {
    const hash = await call("logThenRevert");
    const frame = await traceOf(hash);
    expect(frame.logs).toHaveLength(1);
    expect((await client.getTransactionReceipt({ hash })).logs).toEqual([]);
    expect([...effectiveLogs(frame)]).toEqual([]);
  });

  test("a delegatecall repeats the value of its caller, which was paid once", async () => {
    const frame = await traceOf(await call("delegate", [target], 5n));
    expect([...framesOf(frame)].map(({ type, value }) => ({ type, value }))).toEqual([
      { type: "CALL", value: "0x5" },
      { type: "DELEGATECALL", value: "0x5" },
    ]);
  });

  test("a transfer beyond the balance is a frame with value and error", async () => {
    const [failed] = (await traceOf(await call("spendTooMuch"))).calls!;
    expect(failed).toMatchObject({ value: "0x3635c9adc5dea00000", error: "insufficient balance for transfer" });
  });

  test("a failed creation has no address", async () => {
    const [failed] = (await traceOf(await call("failToCreate"))).calls!;
    expect(failed).toMatchObject({ type: "CREATE", error: "execution reverted" });
    expect(failed?.to).toBeUndefined();
  });

  test("a selfdestruct is a frame that carries the balance to the heir", async () => {
    const frames = [...framesOf(await traceOf(await call("createAndDestroy", [HEIR])))];
    expect(frames.map(({ type, value }) => ({ type, value }))).toEqual([
      { type: "CALL", value: "0x0" },
      { type: "CREATE", value: "0x5" },
      { type: "CALL", value: "0x0" },
      { type: "SELFDESTRUCT", value: "0x5" },
    ]);
    expect(frames[3]).toMatchObject({ from: frames[1]?.to, to: HEIR, gas: "0x0" });
  });

  test("a block trace lists {txHash, result} in order, with gasUsed of the top frames summed up", async () => {
    const hashes = [await call("logAroundCall"), await call("logAroundCall")];
    const { blockHash, gasUsed } = await mine(hashes);
    const traces = (await request("debug_traceBlockByHash", blockHash, callTracerWithLogs)) as {
      txHash: Hex;
      result: CallFrame;
    }[];
    expect(traces.map((trace) => trace.txHash)).toEqual(hashes);
    expect(traces.map((trace) => BigInt(trace.result.gasUsed))).toEqual([gasUsed, 2n * gasUsed]);
  });
});

function connect(url: string) {
  return createTestClient({ mode: "anvil", transport: http(url) })
    .extend(publicActions)
    .extend(walletActions);
}
