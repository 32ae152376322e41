import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type FakeChain, makeChain } from "@testudo/chain/testkit/fakeChain.testkit";
import { type FaultyNode, serveCalls } from "@testudo/chain/testkit/faultyNode.testkit";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Commit } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import { openState, step } from "@testudo/core/pipeline";
import { afterAll, afterEach, expect, test } from "vitest";
import { branchLimits } from "./branchLimits.ts";

// The thread runs what was built.
const { openShadow } = (await import(new URL("../../dist/branch/openShadow.js", import.meta.url).href)) as {
  openShadow: typeof import("./openShadow.ts").openShadow;
};

const folder = mkdtempSync(join(tmpdir(), "testudo-shadow-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "program.mjs");
// Counts the blocks it has judged and says so of each, which alone would allow a pause; fails as it is told to, by block number.
writeFileSync(
  path,
  `import { toPolicy } from ${JSON.stringify(import.meta.resolve("@testudo/core/governance/policyCheck"))};
  const subject = "0x${"ab".repeat(20)}";
  const one = (n) => "0x" + n.toString(16).padStart(40, "0");
  const detect = (c) => {
    const { number } = c.block.ref;
    const count = c.memory.count("blocks");
    if (number === c.params.hangsAt) for (;;);
    if (number === c.params.hoardsAt) for (const all = []; ; ) all.push("x".repeat(1_000).split(""));
    c.finding({ severity: "critical", reason: String(count), subject, key: [c.block.ref.hash], score: 1, evidence: {} });
  };
  const meta = { id: "counts", version: "1.0.0", class: "invariant", hard: true, needs: { all: [] }, finality: 1, runbook: "none", owner: "test" };
  const selectors = ["0x2e1a7d4d"];
  export const createProgram = (settings) => ({
    chainId: 1,
    watched: [subject],
    detectors: [{ meta, detect, settings }],
    playbooks: [{ id: "mine", version: "1.0.0", matches: () => true, plan: () => [{ type: "pause", target: subject, selectors, durationSeconds: 60 }] }],
    policy: toPolicy({
      expiresAt: 10_000_000n, minSeverity: "high", guardians: [one(1), one(2)], quorum: 2, council: one(3), breaker: one(4),
      permissions: [{ target: subject, name: "Vault", selectors, exempt: [], maxDurationSeconds: 1_000 }],
      coolOffSeconds: 0, deadlineSeconds: 300, canaries: [],
    }),
  });`,
);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const fork = 6;

interface Setting {
  readonly chain: FakeChain;
  readonly node: FaultyNode;
  readonly shadow: Awaited<ReturnType<typeof openShadow>>;
  readonly commits: readonly Commit[];
  readonly troubles: readonly StreamTrouble[];
  readonly lost: readonly string[];
  /** What the detector has said, as `block number: how many it had judged`. */
  said(): readonly string[];
  until(isSo: (setting: Setting) => boolean): Promise<void>;
}

/** A node whose chain parts after block 6 from what the main watch has stored, which is 3 blocks further. */
async function open(ills: { readonly hangsAt?: bigint; readonly hoardsAt?: bigint } = {}): Promise<Setting> {
  const chain = makeChain(fork + 4);
  const { createProgram } = (await import(path)) as { createProgram: (settings: object) => Program };
  const program = createProgram(ills);
  const state = openState();
  const quiet = { ...createProgram({}), policy: null };
  for (const ref of chain.blocks.slice(1)) {
    const bundle = { ref, txs: [], logs: [], has: ["X", "L"] as const, sources: ["test"] };
    step(quiet, state, { kind: "block", phase: "live", receivedAtMs: 0, bundle });
  }
  step(program, state, { kind: "finalize", tag: "finalized", ref: chain.blocks[3]! });
  const cursor = chain.blocks.at(-1) as BlockRef;
  chain.reorg(3, 2);
  chain.finalized = undefined;
  const node = await serveCalls(chain.answer);
  const commits: Commit[] = [];
  const troubles: StreamTrouble[] = [];
  const lost: string[] = [];
  const shadow = await openShadow({
    ...{ program, cursor, source: { kind: "module", path, params: ills } },
    state: { cells: [...state.cells], undo: state.undo },
    // Filling the memory may take a slow machine longer than a detector has.
    limitMs: "hoardsAt" in ills ? 60_000 : 1_000,
    pollMs: 10,
    heapMb: "hoardsAt" in ills ? 48 : branchLimits.heapMb,
    remotes: new Map(),
    openNode: async (url) => openEndpoint(url),
    hooks: {
      onCommit: (commit) => void commits.push(commit),
      onTrouble: (trouble) => void troubles.push(trouble),
      onLost: (why) => void lost.push(why),
    },
  });
  closers.push(node.close, shadow.close);
  const setting: Setting = {
    ...{ chain, node, shadow, commits, troubles, lost },
    said: () =>
      commits.flatMap(({ records }) =>
        records.flatMap((record) =>
          record.kind === "Finding" && record.detector === "counts" ? `${record.blockNumber}: ${record.reason}` : [],
        ),
      ),
    async until(isSo) {
      const end = Date.now() + 30_000;
      while (!isSo(setting)) {
        if (Date.now() > end) throw new Error(`Not reached: ${JSON.stringify([setting.said(), troubles, lost], big)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
  return setting;
}

const big = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);

test("STREAM-05: the stored state is rolled back to where the branches part, and what follows there is judged", async () => {
  const { shadow, node, chain, commits, until, said } = await open();
  shadow.follow([node.url]);
  await until(() => said().length === 2);
  expect(commits[0]).toMatchObject({ undo: { popNewest: 3 }, cursor: { number: 6n } });
  expect(said()).toEqual(["7: 7", "8: 8"]);
  chain.mine(1);
  await until(() => said().length === 3);
  chain.reorg(2, 3);
  await until(() => said().length === 6);
  expect(said().slice(3)).toEqual(["8: 8", "9: 9", "10: 10"]);
  expect(commits.flatMap((commit) => commit.cursor ?? []).at(-1)).toEqual(chain.blocks.at(-1));
});

test("STREAM-05: what would have the main watch propose a pause has a shadow propose nothing", async () => {
  const { shadow, node, commits, until, said } = await open();
  shadow.follow([node.url]);
  await until(() => said().length === 2);
  const kinds = new Set(commits.flatMap(({ records }) => records.map(({ kind }) => kind)));
  expect([kinds.has("Incident"), kinds.has("Action")]).toEqual([true, false]);
});

test("STREAM-05: what rests asks its node nothing, and goes on where it was", async () => {
  const { shadow, node, chain, until, said } = await open();
  shadow.follow([node.url]);
  await until(() => said().length === 2);
  shadow.rest();
  chain.mine(2);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { requests } = node.seen;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([node.seen.requests, said().length]).toEqual([requests, 2]);
  shadow.follow([node.url]);
  await until(() => said().length === 4);
  expect(said().slice(2)).toEqual(["9: 9", "10: 10"]);
});

test("STREAM-05, DET-05: a detector that hangs on a branch is isolated there, and its new thread remembers what the last one did", async () => {
  const { shadow, node, chain, commits, until, said, lost } = await open({ hangsAt: 8n });
  shadow.follow([node.url]);
  await until(() => commits.at(-1)?.cursor?.number === 8n);
  chain.mine(1);
  await until(() => said().length === 2);
  expect([said(), lost]).toEqual([["7: 7", "9: 8"], []]);
  const faults = commits.flatMap(({ records }) => records.filter((one) => one.kind === "Finding"));
  expect(faults.map(({ detector, severity }) => `${detector} ${severity}`)).toContain("self-health high");
});

test("STREAM-08: a thread that a branch fills with memory is lost alone, and says so once", async () => {
  const { shadow, node, until, said, lost } = await open({ hoardsAt: 8n });
  shadow.follow([node.url]);
  await until(() => lost.length > 0);
  expect(lost).toEqual([expect.stringContaining("The detection thread was lost: it took more than 48 MiB of memory.")]);
  expect(said()).toEqual(["7: 7"]);
  shadow.follow([node.url]);
  await shadow.close();
  expect(lost).toHaveLength(1);
});

test("STREAM-08: a node that is away is told and waited for", async () => {
  const { shadow, node, until, said, troubles } = await open();
  node.isAway = true;
  shadow.follow([node.url]);
  await until(() => troubles.some(({ trouble }) => trouble === "endpoint-down"));
  node.isAway = false;
  await until(() => said().length === 2);
  expect(troubles.at(-1)).toMatchObject({ trouble: "recovered", over: "endpoint-down" });
});

test("STREAM-08: a branch that has none of the known blocks is lost, with the reason", async () => {
  const { shadow, chain, until, lost } = await open();
  const stranger = makeChain(9);
  stranger.reorg(9, 9);
  const node = await serveCalls((call) => stranger.answer(call));
  closers.push(node.close);
  shadow.follow([node.url]);
  expect(chain.blocks[1]).not.toEqual(stranger.blocks[1]);
  await until(() => lost.length > 0);
  expect(lost).toEqual(["The chain has none of the known blocks 4 to 9."]);
});

test("a node that hangs does not hold up the end", async () => {
  const { shadow, until } = await open();
  let asked = 0;
  const node = await serveCalls(() => {
    asked += 1;
    return new Promise(() => {});
  });
  closers.push(node.close);
  shadow.follow([node.url]);
  await until(() => asked > 0);
  const start = Date.now();
  await shadow.close();
  expect(Date.now() - start).toBeLessThan(3_000);
});
