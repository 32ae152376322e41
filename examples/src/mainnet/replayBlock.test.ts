import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { effectiveLogs, framesOf } from "../incidents/callTrace.ts";
import { dataFolder, whyNoData } from "../incidents/dataFolder.ts";
import { type RecordedBlock, readRecordedBlock, recordedBlockFiles, signedBytes } from "./recordedBlock.ts";
import { type BlockReplay, type ReplayedTransaction, replayBlock } from "./replayBlock.ts";
import { addReplay, emptyCounts } from "./replayCounts.ts";

if (whyNoData) test("block replays need recorded data", (context) => context.skip(whyNoData));

type Judged = Extract<ReplayedTransaction, { status: "judged" }>;

describe.skipIf(whyNoData)("mainnet block 19426587", () => {
  let recorded: RecordedBlock;
  let replay: BlockReplay;
  let judged: Judged[];

  beforeAll(async () => {
    recorded = readRecordedBlock(join(dataFolder(), "blocks", "19426587.json.gz"));
    replay = await replayBlock(recorded);
    judged = replay.transactions.filter((one) => one.status === "judged");
  });
  afterAll(() => replay?.close());

  test("every transaction is judged or skipped with a reason", () => {
    expect(addReplay(emptyCounts(), replay.transactions)).toEqual({
      transactions: 37,
      judged: 24,
      skipped: { "missing-code": 13 },
      contractCalls: { total: 22, judged: 9, succeeded: 9 },
    });
  });

  test("number and time are the original ones, and judged transactions keep order and hash", async () => {
    expect(replay.block.number).toBe(recorded.block.number);
    expect(replay.block.timestamp).toBe(recorded.block.timestamp);
    const block = await rpc<{ transactions: string[] }>("eth_getBlockByHash", replay.block.hash, false);
    const kept = new Set(judged.map(({ tx }) => tx.hash as string));
    expect(block.transactions.filter((hash) => kept.has(hash))).toEqual(judged.map(({ tx }) => tx.hash));
  });

  test("no judged transaction enters a contract of unknown code", () => {
    const isMissing = new Set<string>(recorded.missingCode);
    const entered = judged.flatMap(({ trace }) => [...framesOf(trace)].filter(({ to }) => isMissing.has(to ?? "")));
    expect(entered).toEqual([]);
  });

  test("trace and receipt of a judged transaction agree on its logs", () => {
    expect(judged.flatMap(({ logs }) => logs).length).toBeGreaterThan(0);
    for (const { trace, logs } of judged)
      expect([...effectiveLogs(trace)].map(({ address, data, topics }) => ({ address, data, topics }))).toEqual(
        logs.map(({ address, data, topics }) => ({ address, data, topics })),
      );
  });

  test("the state at the parent is the recorded one and a plain transfer moves it by the value", async () => {
    const receivers = judged.filter(({ tx }) => tx.input === "0x").map(({ tx }) => tx.to!);
    const touchedOnce = judged.filter(
      ({ tx }) =>
        tx.input === "0x" &&
        receivers.filter((to) => to === tx.to).length === 1 &&
        recorded.preState[tx.to!]?.code === "0x" &&
        !replay.transactions.some((other) => other.tx.from === tx.to),
    );
    expect(touchedOnce.length).toBeGreaterThan(3);
    for (const { tx } of touchedOnce) {
      const before = await rpc<string>("eth_getBalance", tx.to, { blockHash: replay.block.parentHash });
      const after = await rpc<string>("eth_getBalance", tx.to, { blockHash: replay.block.hash });
      expect(BigInt(before)).toBe(BigInt(recorded.preState[tx.to!]!.balance));
      expect(BigInt(after) - BigInt(before)).toBe(BigInt(tx.value));
    }
  });

  test("a skipped transaction leaves the nonce of its sender only where a later one needs it", async () => {
    const senders = new Map<string, { nonce: number; isJudged: boolean }[]>();
    for (const { tx, status } of replay.transactions)
      senders.set(tx.from, [
        ...(senders.get(tx.from) ?? []),
        { nonce: Number(tx.nonce), isJudged: status === "judged" },
      ]);
    for (const [sender, sent] of senders) {
      const lastJudged = sent.filter(({ isJudged }) => isJudged).at(-1);
      const expected = lastJudged === undefined ? sent[0]!.nonce : lastJudged.nonce + 1;
      expect(Number(await rpc("eth_getTransactionCount", sender, "latest"))).toBe(expected);
    }
  });

  async function rpc<Result>(method: string, ...params: unknown[]): Promise<Result> {
    const response = await fetch(replay.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    return ((await response.json()) as { result: Result }).result;
  }
});

describe.skipIf(whyNoData)("recorded blocks", () => {
  test("every signature serialises to the recorded hash, except that error: a field was changed", () => {
    const [file] = recordedBlockFiles();
    const { transactions } = readRecordedBlock(file!).block;
    expect(transactions.map(signedBytes)).toHaveLength(127);
    expect(() => signedBytes({ ...transactions[0]!, value: "0x1234567" })).toThrow(/serialises to bytes with hash 0x/);
  });

  test("error: a file that is no recorded block", () => {
    const file = join(dataFolder(), "incidents", "2024-04-pikefinance.json.gz");
    expect(() => readRecordedBlock(file)).toThrow(/has format "testudo-capsule\/1"/);
  });
});
