// One definition, three drivers: live behind a node that reorganises, again from the inputs of that run, and over the blocks
// of the chain that remained.
import { fileURLToPath } from "node:url";
import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import { watchBlocks } from "@testudo/chain/stream/watchBlocks";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Commit, Output } from "@testudo/core/model/Output";
import { hashOf } from "@testudo/core/model/Record";
import { keyOfRead } from "@testudo/core/model/StateRead";
import { openState, step } from "@testudo/core/pipeline";
import { drive } from "testudo/jobs/step/drive";
import { openMailbox } from "testudo/jobs/step/mailbox";
import { openStepper } from "testudo/jobs/step/stepper";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProgram } from "./authoringProgram.ts";

const vault: Hex = `0x${"5a".repeat(20)}`;
const chainId = 31_337;
const params = { chainId, vault };
// keccak256("Withdraw(address,uint256)")
const topic = "884edad9ce6fa2440d8a54cc123490eb96d2768479d49ff9c7366125a9424364";

let anvil: Anvil;
let endpoint: Endpoint;
let accounts: readonly Hex[];

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  endpoint = openEndpoint(anvil.url);
  accounts = (await endpoint.request("eth_accounts", [])) as Hex[];
  await endpoint.request("anvil_setCode", [vault, assembled()]);
  await endpoint.request("anvil_setBlockTimestampInterval", [12]);
  await mine();
});
afterAll(async () => {
  endpoint?.close();
  await anvil?.stop();
});

/** totalAssets() answers 1,000; any other calldata is emitted as Withdraw(caller, calldata). */
function assembled(): Hex {
  const emit = `365f5f37337f${topic}365fa200`;
  // CALLDATASIZE 4 EQ → JUMPI to the answer, which lies behind the emission.
  const head = "36600414";
  const at = (head.length / 2 + 3 + emit.length / 2).toString(16).padStart(2, "0");
  return `0x${head}60${at}57${emit}5b6103e85f5260205ff3`;
}

async function withdraw(amount: bigint, user = 0): Promise<void> {
  const data = `0x${amount.toString(16).padStart(64, "0")}`;
  await endpoint.request("eth_sendTransaction", [{ from: accounts[user], to: vault, data, gas: "0x30d40" }]);
}
const mine = (): Promise<unknown> => endpoint.request("evm_mine", []);

/** Watches live, with what goes into the pipeline and what comes out. */
async function openLive() {
  const stop = new AbortController();
  const module = fileURLToPath(new URL("../../dist/authoring/authoringProgram.js", import.meta.url));
  const stepper = await openStepper({
    source: { kind: "module", path: module, params },
    limitMs: 5_000,
    reload: async () => ({ cells: [], undo: [] }),
  });
  const inputs: Input[] = [];
  const commits: Commit[] = [];
  const reader = openStateReader([endpoint]);
  const stream = watchBlocks({
    endpoints: [endpoint],
    scopes: ["X", "L"],
    from: null,
    pollMs: 50,
    signal: stop.signal,
  });
  const running = drive({
    stepper: {
      ...stepper,
      step: (input) => {
        inputs.push(structuredClone(input));
        return stepper.step(input);
      },
    },
    mailbox: openMailbox(),
    stream,
    answer: (ref, reads) => reader.read(ref, reads),
    store: async (list) => void commits.push(...list),
    onStored: () => undefined,
    run: () => undefined,
    signal: stop.signal,
  });
  const head = () => commits.findLast((commit) => commit.cursor !== undefined)?.cursor?.hash;
  const settle = async () => {
    const block = (await endpoint.request("eth_getBlockByNumber", ["latest", false])) as { hash: Hex };
    await expect.poll(head, { timeout: 120_000, interval: 25 }).toBe(block.hash);
  };
  const close = async () => {
    stop.abort();
    await running.done;
    await stepper.close();
  };
  return { inputs, commits, settle, close };
}

/** The blocks of the chain as it stands, read by number, with answers from the node. */
async function backtest(from: bigint): Promise<readonly Output[]> {
  const reader = openStateReader([endpoint]);
  const program = createProgram(params);
  const state = openState();
  const head = BigInt((await endpoint.request("eth_blockNumber", [])) as string);
  const outputs: Output[] = [];
  for (let number = from; number <= head; number++) {
    const bundle = await fetchBundle(endpoint, number, ["X", "L"]);
    let out = step(program, state, { kind: "block", bundle, phase: "history", receivedAtMs: 0 }).outputs;
    for (let ask = out[0]; ask?.kind === "ask"; ask = out[0]) {
      const answers = await reader.read(ask.ref as BlockRef, ask.reads);
      const keyed = ask.reads.map((read, i) => [keyOfRead(read), answers[i]!] as const);
      out = step(program, state, { kind: "reads", blockHash: ask.ref.hash, answers: keyed }).outputs;
    }
    outputs.push(...out);
  }
  return outputs;
}

const findingsIn = (outputs: readonly Output[]): readonly Finding[] =>
  outputs
    .flatMap((output) => (output.kind === "commit" ? output.records : []))
    .filter((r): r is Finding => r.kind === "Finding");

/** What a finding says, without when it was told: its bytes, and the hash of its evidence. */
const saidBy = ({ phase: _, id: __, ...said }: Finding) => [canonicalJson(said), hashOf(said.evidence)];

test("DET-02: live, from its own inputs, and over the blocks that remained, a definition finds the same byte for byte", async () => {
  const live = await openLive();
  await live.settle();
  const firstBlock = live.commits.find((commit) => commit.cursor)!.cursor!.number;
  for (const amount of [40n, 60n, 30n]) {
    await withdraw(amount, Number(amount) % 3);
    await mine();
  }
  await live.settle();
  // Two blocks with large withdrawals fall away; what replaces them is smaller, and later large enough again.
  const snapshot = await endpoint.request("evm_snapshot", []);
  await withdraw(150n, 1);
  await mine();
  await withdraw(500n, 2);
  await mine();
  await live.settle();
  await endpoint.request("evm_revert", [snapshot]);
  for (const amount of [10n, 15n, 20n, 70n, 5n]) {
    await withdraw(amount, Number(amount) % 4);
    await mine();
  }
  await live.settle();
  await live.close();

  const replayed = openState();
  const again = live.inputs.flatMap((input) => step(createProgram(params), replayed, input).outputs);
  expect(again.filter((output) => output.kind === "commit")).toEqual(live.commits);
  expect(canonicalJson(findingsIn(again))).toBe(canonicalJson(findingsIn(live.commits)));

  const orphaned = new Set(
    live.inputs.flatMap((input) => (input.kind === "reorg" ? input.orphaned.map(({ hash }) => hash) : [])),
  );
  expect(orphaned.size).toBe(2);
  const lasting = findingsIn(live.commits).filter(({ blockHash }) => !orphaned.has(blockHash));
  const tested = findingsIn(await backtest(firstBlock));
  expect(tested.map(saidBy)).toEqual(lasting.map(saidBy));
  const count = (detector: string) => tested.filter((finding) => finding.detector === detector).length;
  expect({ big: count("big-withdrawal"), each: count("every-memory") >= 8 }).toEqual({ big: 2, each: true });
});
