// What one node of several can make of a block's logs, where the header says what its receipts come to.
import type { Hex } from "@testudo/core/model/Hex";
import { afterEach, expect, test, vi } from "vitest";
import type { Member } from "../nodes/EndpointPool.ts";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { RpcRefused } from "../rpc/RpcError.ts";
import { closeAll, type Shown, watch } from "../testkit/disputes.testkit.ts";
import { type FakeChain, makeChain } from "../testkit/fakeChain.testkit.ts";
import { refusal, type WireAnswer, type WireCall } from "../testkit/faultyNode.testkit.ts";
import {
  asksReceipts,
  changed,
  dataOf,
  type Fields,
  falsely,
  toldBy,
  untilHead,
  withReceipts,
} from "../testkit/logs.testkit.ts";
import { parseBlock } from "../wire/parseBlock.ts";
import { makeLogProver } from "./LogProver.ts";

afterEach(closeAll);

const refusing = (chain: FakeChain) =>
  changed(chain, (call, answer) => (asksReceipts(call) ? refusal(call, -32_601, "no such method") : answer));

test("STREAM-17: of two nodes one that changes what logs hold is found out by the receipts' root, and told", async () => {
  const chain = withReceipts(makeChain(5));
  const watched = await watch({ liar: falsely(chain), honest: chain });
  // What came before the head is history, of which the receipts are not asked for.
  expect(dataOf(watched, 1n)).toEqual(["0x02", "0x02", "0x02", "0x01"]);
  for (let i = 0; i < 6; i++) {
    chain.mine(1);
    await untilHead(watched, chain);
  }
  expect(dataOf(watched, 5n)).toEqual(Array(6).fill("0x01"));
  // A block time is 200 ms here.
  expect(toldBy(watched).filter((told) => /disagrees|degraded/.test(told))).toEqual(["endpoint-disagrees of liar"]);
  const told = watched.recording.troubles.find(({ trouble }) => trouble === "endpoint-disagrees");
  expect(told!.message).toMatch(
    /^Node liar sent receipts for block 0x[0-9a-f]{64} that are not those its header commits to\.\n/,
  );
});

test("STREAM-17: of two nodes one that makes up a log in a block without any is not believed", async () => {
  const chain = makeChain(5);
  const noBloom: Hex = `0x${"00".repeat(256)}`;
  const silent = changed(chain, ({ method }, answer) => {
    if (method === "eth_getLogs") return { ...answer, result: [] };
    const block = answer.result as Fields | undefined;
    return block?.logsBloom === undefined ? answer : { ...answer, result: { ...block, logsBloom: noBloom } };
  });
  const whole = withReceipts({ ...chain, ...silent } as FakeChain);
  const liar = changed(whole, (call, answer) => (call.method === "eth_getLogs" ? chain.answer(call) : answer));
  const watched = await watch({ liar, honest: whole });
  for (let i = 0; i < 3; i++) {
    chain.mine(1);
    await untilHead(watched, chain);
  }
  expect(dataOf(watched, 5n)).toEqual([]);
});

test("STREAM-17: who refuses receipts, has none yet, or hangs, is neither believed nor blamed where another shows them", async () => {
  const chain = withReceipts(makeChain(5));
  const chains: Record<string, Shown> = { first: refusing(chain), second: chain, third: chain };
  const watched = await watch(chains);
  chain.mine(1);
  await untilHead(watched, chain);
  const none = changed(chain, (call, answer) => (asksReceipts(call) ? { ...answer, result: null } : answer));
  const hanging = changed(chain, (call, answer) => (asksReceipts(call) ? new Promise(() => {}) : answer));
  for (const other of [none, hanging]) {
    chains.second = other;
    chains.third = chain;
    chain.mine(1);
    await untilHead(watched, chain);
  }
  expect(dataOf(watched, 5n)).toEqual(["0x01", "0x01", "0x01"]);
  expect(watched.nodes.get("first")?.seen.calls.get("eth_getBlockReceipts") ?? 0).toBeLessThanOrEqual(1);
  // A block time is 200 ms here.
  expect(toldBy(watched).filter((told) => !told.startsWith("no-block") && !told.startsWith("recovered"))).toEqual([]);
});

test("STREAM-17: where nobody has the receipts of a new block yet they are asked for once more", async () => {
  const chain = withReceipts(makeChain(5));
  const asked = new Set<unknown>();
  const slow = changed(chain, (call, answer) => {
    if (!asksReceipts(call) || asked.has(call.params[0])) return answer;
    asked.add(call.params[0]);
    return { ...answer, result: null };
  });
  const forged = falsely(chain);
  const liar = changed(chain, (call) =>
    asksReceipts(call) ? { jsonrpc: "2.0", id: call.id, result: null } : (forged.answer(call) as WireAnswer),
  );
  const watched = await watch({ liar, slow });
  for (let i = 0; i < 2; i++) {
    chain.mine(1);
    await untilHead(watched, chain);
  }
  expect(dataOf(watched, 5n)).toEqual(["0x01", "0x01"]);
});

test("STREAM-17: who has been asked too often is asked again after half a minute, who lacks the method after ten", async () => {
  const chain = withReceipts(makeChain(5));
  const wire = chain.answer({ id: 1, method: "eth_getBlockByNumber", params: ["latest", true] }).result;
  const block = parseBlock(wire, { method: "test" })!;
  const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
  try {
    for (const [code, said, waitMs] of [
      [-32_005, "limit exceeded", 30_000],
      [-32_601, "no such method", 600_000],
    ] as const) {
      let isRefused = true;
      const request = async (method: string, params: readonly unknown[]) => {
        if (isRefused) throw new RpcRefused("one", method, code, said);
        return chain.answer({ id: 1, method, params }).result;
      };
      const members = ["one", "two"].map(
        (label) => ({ endpoint: { label, timeoutMs: 1_000, request } }) as unknown as Member,
      );
      const troubles = makeTroubleBook(
        () => {},
        () => false,
      );
      const prover = makeLogProver({ pool: { members }, troubles, isLive: () => true });
      const start = performance.now();
      expect(await prover.prove(block, members, members)).toBeUndefined();
      isRefused = false;
      now.mockReturnValue(start + waitMs - 1);
      expect(await prover.prove(block, members, members), said).toBeUndefined();
      now.mockReturnValue(start + waitMs);
      expect(await prover.prove(block, members, members), said).toHaveLength(1);
    }
  } finally {
    now.mockRestore();
  }
});

test("STREAM-17: where nobody shows receipts logs are asked for as before, and after three blocks no more for receipts", async () => {
  const chain = makeChain(5);
  const whole = withReceipts(chain);
  // As on a chain whose receipts are written otherwise.
  const foreign = changed(whole, (call, answer) => {
    const [receipt] = asksReceipts(call) ? (answer.result as Fields[]) : [];
    return receipt === undefined ? answer : { ...answer, result: [{ ...receipt, type: "0x7e" }] };
  });
  const watched = await watch({ one: foreign, two: foreign });
  for (let i = 0; i < 8; i++) {
    chain.mine(1);
    await untilHead(watched, chain);
  }
  expect(dataOf(watched, 5n)).toEqual(Array(8).fill("0x01"));
  for (const node of watched.nodes.values()) expect(node.seen.calls.get("eth_getBlockReceipts")).toBe(3);
  expect(toldBy(watched)).toEqual([]);
});

test("STREAM-17: that nobody shows receipts any more where they were shown is told, and when they are again", async () => {
  const chain = withReceipts(makeChain(5));
  const chains: Record<string, Shown> = { one: chain, two: chain };
  const watched = await watch(chains);
  chain.mine(1);
  await untilHead(watched, chain);
  const none = changed(chain, (call, answer) => (asksReceipts(call) ? { ...answer, result: null } : answer));
  chains.one = none;
  chains.two = falsely(chain);
  // On some chains there are blocks that nobody can show it of.
  const told = () =>
    watched.recording.troubles.flatMap(({ endpoint, trouble, over = trouble }) =>
      endpoint === "logs" && over === "scope-degraded" ? trouble : [],
    );
  for (const soFar of [[], [], ["scope-degraded"]]) {
    chain.mine(1);
    await untilHead(watched, chain);
    expect(told()).toEqual(soFar);
  }
  chains.two = chain;
  for (let i = 0; i < 8; i++) {
    expect(told()).toEqual(["scope-degraded"]);
    chain.mine(1);
    await untilHead(watched, chain);
  }
  expect(told()).toEqual(["scope-degraded", "recovered"]);
});

test("STREAM-17: of one node, which may make up the header too, no receipts are asked for", async () => {
  const chain = withReceipts(makeChain(5));
  const watched = await watch({ only: chain });
  chain.mine(2);
  await untilHead(watched, chain);
  expect(dataOf(watched, 5n)).toEqual(["0x01", "0x01"]);
  expect(watched.nodes.get("only")?.seen.calls.has("eth_getBlockReceipts")).toBe(false);
});

const namingAnother = (chain: FakeChain) =>
  changed(chain, (_, answer) => {
    const block = answer.result as Fields | undefined;
    return block?.receiptsRoot === undefined
      ? answer
      : { ...answer, result: { ...block, receiptsRoot: `0x${"1".repeat(64)}` } };
  });

test("STREAM-04: a root of receipts that one of three names is not the block's", async () => {
  const chain = withReceipts(makeChain(5));
  const watched = await watch({ liar: namingAnother(chain), one: chain, two: chain });
  chain.mine(2);
  await untilHead(watched, chain);
  expect(watched.nodes.get("one")!.seen.calls.get("eth_getBlockReceipts")).toBeGreaterThan(0);
  const named = watched.recording.events.flatMap((event) => (event.kind === "block" ? [event.bundle.sources] : []));
  expect(named.every((sources) => !sources.includes("liar"))).toBe(true);
});

test("STREAM-17: who was found out is asked after all others from then on, however well it answers the rest", async () => {
  const chain = withReceipts(makeChain(5));
  const watched = await watch({ liar: falsely(chain), one: chain, two: chain });
  for (let i = 0; i < 5; i++) {
    chain.mine(1);
    await untilHead(watched, chain);
  }
  const sources = watched.recording.events.flatMap((event) =>
    event.kind === "block" && event.bundle.ref.number >= 6n ? [event.bundle.sources] : [],
  );
  expect(sources).toHaveLength(4);
  // It may be one of those that have come as far, and is never who gives what is in the block.
  for (const [giver] of sources) expect(giver).not.toBe("liar");
  expect(toldBy(watched)).toEqual(["endpoint-disagrees of liar"]);
});

const silently = (chain: FakeChain) =>
  changed(chain, (_, answer) => {
    const block = answer.result as Fields | undefined;
    if (block?.receiptsRoot === undefined) return answer;
    const { receiptsRoot: _root, ...rest } = block;
    return { ...answer, result: rest };
  });

test("STREAM-17: who does not say what the receipts come to contradicts nobody, and two others are enough", async () => {
  const chain = withReceipts(makeChain(5));
  const watched = await watch({ one: silently(chain), two: chain, three: chain });
  const vouched = () =>
    watched.recording.events.filter((event) => event.kind === "block" && event.bundle.sources.includes("one"));
  // It is one of those who are asked where it has come as far as soon as another.
  const before = vouched().length;
  for (let i = 0; i < 100 && vouched().length < before + 3; i++) {
    chain.mine(1);
    await untilHead(watched, chain);
  }
  expect(vouched().length).toBe(before + 3);
  expect(new Set(dataOf(watched, 5n))).toEqual(new Set(["0x01"]));
  expect(toldBy(watched).filter((told) => /disagrees|degraded/.test(told))).toEqual([]);
  // Where the third has not come as far yet, nobody confirms the root of that block.
  const asked = [...watched.nodes.values()].map((node) => node.seen.calls.get("eth_getBlockReceipts") ?? 0);
  expect(asked.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
});

test("STREAM-05: who does not say what the receipts come to decides nothing between two who say otherwise", async () => {
  const chain = withReceipts(makeChain(5));
  const chains: Record<string, Shown> = { liar: chain, silent: silently(chain), honest: chain };
  const watched = await watch(chains);
  chains.liar = namingAnother(chain);
  chain.mine(1);
  await watched.recording.until(() => toldBy(watched).includes("endpoint-disagrees (freeze)"));
  chains.liar = chain;
  chain.mine(1);
  await untilHead(watched, chain);
  await watched.recording.until(({ troubles }) => troubles.at(-1)?.freeze === false);
});

/** `chain`, of which the newest block is told by its number, and as the newest one block later. */
const telling = (chain: FakeChain) =>
  changed(chain, (call, answer) => {
    const before = chain.blocks.at(-2)!;
    return call.params[0] === "latest"
      ? chain.answer({ ...call, params: [`0x${before.number.toString(16)}`, false] })
      : answer;
  });

test("STREAM-17: a root that one names is confirmed by whoever has the block and has not told so yet", async () => {
  const chain = withReceipts(makeChain(5));
  const liar = silently({ ...chain, ...falsely(chain) } as FakeChain);
  const watched = await watch({ liar, one: chain, late: telling(chain) });
  for (let i = 0; i < 2; i++) {
    chain.mine(1);
    await untilHead(watched, chain);
  }
  expect(dataOf(watched, 5n)).toEqual(["0x01", "0x01"]);
});

test("STREAM-17: who is asked for a block that he has not told to have may refuse it", async () => {
  const chain = withReceipts(makeChain(5));
  const isNewest = ({ params: [at] }: WireCall) => at === `0x${chain.blocks.at(-1)!.number.toString(16)}`;
  const late = changed(telling(chain) as FakeChain, (call, answer) =>
    isNewest(call) ? refusal(call, -32_000, "header not found") : answer,
  );
  const watched = await watch({ silent: silently(chain), one: chain, late });
  for (let i = 0; i < 5; i++) {
    chain.mine(1);
    await untilHead(watched, chain);
    // As long as whoever fails is left alone.
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  expect(toldBy(watched).filter((told) => told.includes("down"))).toEqual([]);
});

test("STREAM-17: a root that one of two names proves nothing, and that it does not is told", async () => {
  const chain = withReceipts(makeChain(5));
  const watched = await watch({ one: chain, two: silently(chain) });
  for (let i = 0; i < 4; i++) {
    chain.mine(1);
    await untilHead(watched, chain);
  }
  await watched.recording.until(() => toldBy(watched).includes("scope-degraded of logs"));
  expect(watched.nodes.get("one")!.seen.calls.has("eth_getBlockReceipts")).toBe(false);
  expect(toldBy(watched).filter((told) => told.includes("disagrees"))).toEqual([]);
});

test("STREAM-17: whoever named roots and leaves one out is not followed there, and is told", async () => {
  const chain = withReceipts(makeChain(5));
  const chains: Record<string, Shown> = { liar: chain, honest: chain };
  const watched = await watch(chains);
  chain.mine(1);
  await untilHead(watched, chain);
  chains.liar = silently({ ...chain, ...falsely(chain) } as FakeChain);
  chain.mine(1);
  await untilHead(watched, chain);
  expect(dataOf(watched, 5n)).toEqual(["0x01", "0x01"]);
  expect(toldBy(watched)).toContain("endpoint-down of liar (freeze)");
});

test("STREAM-17: a chain that had no receipts' roots at first is followed from there", async () => {
  const chain = withReceipts(makeChain(60));
  const since40 = changed(chain, (_, answer) => {
    const block = answer.result as Fields | undefined;
    return block?.receiptsRoot === undefined || Number(block.number) >= 40
      ? answer
      : { ...answer, result: { ...block, receiptsRoot: null } };
  });
  const watched = await watch({ one: since40, two: since40 });
  expect(watched.recording.known).toHaveLength(59);
  expect(toldBy(watched)).toEqual([]);
});

test("STREAM-17: a chain that has no receipts' root, however it says so, is watched without", async () => {
  const rootless = makeChain(5);
  const saying = (root: unknown) =>
    changed(rootless, (_, answer) => {
      const block = answer.result as Fields | undefined;
      return block?.logsBloom === undefined ? answer : { ...answer, result: { ...block, receiptsRoot: root } };
    });
  const watched = await watch({ one: saying("0x"), two: saying(null) });
  rootless.mine(1);
  await untilHead(watched, rootless);
  expect(dataOf(watched, 5n)).toEqual(["0x01"]);
  expect(toldBy(watched)).toEqual([]);
});
