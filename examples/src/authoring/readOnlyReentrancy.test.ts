// The example of docs/authoring.md against a real anvil, whose blocks are executed again here.
import { join } from "node:path";
import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader, type StateReader } from "@testudo/chain/state/readState";
import { refusal, serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import { compile } from "@testudo/contracts/compile";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Finding } from "@testudo/core/model/Finding";
import { frameIdOf } from "@testudo/core/model/FrameId";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { keyOfRead, type StateRead } from "@testudo/core/model/StateRead";
import { openState, step } from "@testudo/core/pipeline";
import { rangeSource } from "testudo/backtest/rangeSource";
import { openExecutor } from "testudo/reexecute/Executor";
import { readAmongTxs } from "testudo/reexecute/readAmongTxs";
import { encodeFunctionData, parseAbi, parseEther } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOnlyReentrancy } from "./readOnlyReentrancy.ts";

const chainId = 31_337;
const built = compile([join(import.meta.dirname, "ShareVault.sol")]);
const abi = parseAbi([
  "function deposit() payable",
  "function withdraw(uint256 shares)",
  "function sharePrice() view returns (uint256)",
  "function borrowWithin(uint256 shares, uint256 amount)",
  "function borrowBehind(uint256 shares, uint256 amount)",
  "function borrowInVain(uint256 shares, uint256 amount)",
]);
const executor = openExecutor({ chainId });

interface World {
  readonly vault: Address;
  readonly borrower: Address;
}

let anvil: Anvil;
let node: Endpoint;
let from: Address;
let plain: StateReader;
let reader: StateReader;

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true, args: ["--hardfork", "cancun"] });
  node = openEndpoint(anvil.url);
  plain = openStateReader([node]);
  reader = readAmongTxs(plain, { executor, endpoints: [node] });
  [from] = (await node.request("eth_accounts")) as [Address];
});
afterAll(async () => {
  await executor.close();
  node.close();
  await anvil.stop();
});

/** Sends it in a block of its own, and gives its receipt. */
async function send(tx: { readonly to?: Address; readonly data: Hex; readonly value?: bigint }) {
  const { value = 0n, ...rest } = tx;
  const sent = { from, gas: "0x2dc6c0", value: `0x${value.toString(16)}`, ...rest };
  const hash = await node.request("eth_sendTransaction", [sent]);
  await node.request("evm_mine");
  const receipt = (await node.request("eth_getTransactionReceipt", [hash])) as Record<string, string>;
  expect(receipt.status).toBe("0x1");
  return receipt;
}

/** Deploys it, with the addresses that its constructor takes. */
async function deploy(name: string, value = 0n, addresses: readonly Address[] = []): Promise<Address> {
  const args = addresses.map((address) => address.slice(2).padStart(64, "0"));
  const { contractAddress } = await send({ data: `${built[name]!.bytecode}${args.join("")}`, value });
  return contractAddress as Address;
}

/** A vault with nine ether of others and three of the borrower, and a lender with ten. */
async function build(name: string): Promise<World> {
  const vault = await deploy(name);
  await send({ to: vault, data: encodeFunctionData({ abi, functionName: "deposit" }), value: parseEther("9") });
  const lender = await deploy("ShareLender", parseEther("10"), [vault]);
  return { vault, borrower: await deploy("Borrower", parseEther("3"), [vault, lender]) };
}

type Way = "borrowWithin" | "borrowBehind" | "borrowInVain";

/** The borrower takes back a share of his three and borrows on two, and what the detector says of that block. */
async function borrowed({ vault, borrower }: World, functionName: Way, amount: bigint, asked = reader) {
  const data = encodeFunctionData({ abi, functionName, args: [parseEther("1"), amount] });
  const { blockNumber } = await send({ to: borrower, data });
  const bundle = await fetchBundle(node, BigInt(blockNumber!), ["X", "L", "T"]);
  return { bundle, found: await judge(bundle, vault, asked) };
}

async function judge(bundle: BlockBundle, vault: Address, asked: StateReader): Promise<readonly Finding[]> {
  const program = { chainId, watched: [vault], detectors: [readOnlyReentrancy], playbooks: [], policy: null };
  const state = openState();
  let { outputs } = step(program, state, { kind: "block", bundle, phase: "history", receivedAtMs: 0 });
  for (let ask = outputs[0]; ask?.kind === "ask"; ask = outputs[0]) {
    const answers = await asked.read(ask.ref, ask.reads);
    const keyed = ask.reads.map((read, i) => [keyOfRead(read), answers[i]!] as const);
    ({ outputs } = step(program, state, { kind: "reads", blockHash: ask.ref.hash, answers: keyed }));
  }
  return outputs
    .flatMap((output) => (output.kind === "commit" ? output.records : []))
    .filter((record): record is Finding => record.kind === "Finding");
}

/** What the price was before each call within the transaction of `bundle`, in their order; null where it is not told. */
async function pricesIn({ ref, txs, traces }: BlockBundle, to: Address): Promise<readonly (bigint | null)[]> {
  const data = encodeFunctionData({ abi, functionName: "sharePrice" });
  const visits = walk(traces![0]!);
  const reads = visits.map((visit): StateRead => {
    const at = { beforeCall: frameIdOf(txs[0]!.hash, visit) };
    return { kind: "call", at, to, data };
  });
  const answers = await reader.read(ref, reads);
  return answers.map((answer) => (answer.ok ? BigInt(answer.value) : null));
}

const one = parseEther("1");
// Eleven shares for twelve ether, while one is on its way out.
const dear = (12n * one) / 11n;

test("STREAM-09: a price that is wrong within a withdrawal alone is found by comparing it before, within and after", async () => {
  const world = await build("ShareVault");
  const { bundle, found } = await borrowed(world, "borrowWithin", parseEther("2.1"));
  expect(found.map(({ detector, severity, evidence }) => ({ detector, severity, evidence }))).toEqual([
    { detector: "read-only-reentrancy", severity: "high", evidence: { before: one, within: dear, after: one } },
  ]);
  // Borrower, vault, the payment, and within it the shares, the lender, the shares and the price again, the loan.
  expect(await pricesIn(bundle, world.vault)).toEqual([one, one, dear, dear, dear, dear, dear, dear]);
});

test("STREAM-09: who borrows behind the withdrawal, or of a vault whose view is shut meanwhile, is not found", async () => {
  expect((await borrowed(await build("ShareVault"), "borrowBehind", parseEther("0.5"))).found).toEqual([]);
  const shut = await build("LockedVault");
  const { bundle, found } = await borrowed(shut, "borrowWithin", parseEther("2.1"));
  expect(found).toEqual([]);
  // The lock lies in transient storage, where a view within the transaction has to find it.
  expect(await pricesIn(bundle, shut.vault)).toEqual([one, one, null, null, null, null]);
});

test("STREAM-09: what was taken back later is read as it stood", async () => {
  const world = await build("ShareVault");
  const { bundle, found } = await borrowed(world, "borrowInVain", parseEther("2.1"));
  expect(await pricesIn(bundle, world.vault)).toEqual([one, one, one, dear, dear, dear, dear, dear, dear]);
  // Nothing of it lasted, and handlers hear of nothing else.
  expect(found).toEqual([]);
});

test("STREAM-09: a back-test finds the same, also where the node traces nothing", async () => {
  const { vault, borrower } = await build("ShareVault");
  const { bundle, found } = await borrowed({ vault, borrower }, "borrowWithin", parseEther("2.1"));
  const { number } = bundle.ref;
  const blind = await serveChanged(anvil.url, (call, answer) =>
    /^(debug|trace)_/.test(call.method) ? refusal(call, -32601, "Method not found") : answer,
  );
  const judged = async (url: string) => {
    const endpoint = openEndpoint(url);
    const told: Finding[] = [];
    const program = { chainId, watched: [vault], detectors: [readOnlyReentrancy], playbooks: [], policy: null };
    const onFinding = (finding: Finding) => void told.push(finding);
    const range = rangeSource({ endpoints: [endpoint], program, from: number, to: number, reexecute: {}, onFinding });
    for await (const _ of range.cases(new AbortController().signal, () => {}));
    endpoint.close();
    return told.map(({ evidence }) => evidence);
  };
  try {
    const evidence = found.map((finding) => finding.evidence);
    expect(evidence).toHaveLength(1);
    expect(await judged(anvil.url)).toEqual(evidence);
    expect(await judged(blind.url)).toEqual(evidence);
  } finally {
    await blind.close();
  }
});

test("STREAM-09: where nobody executes the block again, a detector that has to know says that it does not", async () => {
  const { found } = await borrowed(await build("ShareVault"), "borrowWithin", parseEther("2.1"), plain);
  expect(found).toMatchObject([
    {
      severity: "medium",
      class: "health",
      evidence: { read: "Vault.sharePrice" },
      reason: expect.stringContaining('only "parent" is known'),
    },
  ]);
});
