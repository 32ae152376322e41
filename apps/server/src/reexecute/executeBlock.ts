// A block's transactions run again on our own engine, on the state before them as a node gives it word by word. Each first runs
// by itself, many at a time, so that what they need is asked for together; then all run in their order on what is here by then.

import { fetchSentBlock, type SentBlock } from "@testudo/chain/fetchSentBlock";
import { joinBatches } from "@testudo/chain/joinBatches";
import { type NodeState, openNodeState } from "@testudo/chain/openNodeState";
import type { SentTx } from "@testudo/chain/parseTxFields";
import { readHardfork } from "@testudo/chain/readHardfork";
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import type { CallFrame, Log } from "@testudo/core/model/BlockBundle";
import { logsOf } from "@testudo/core/model/CallTree";
import type { Evm, EvmBlock, EvmMark, OpenEvm, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";

export interface ReexecutionOptions {
  readonly chainId: number;
  /** Rules of the chain by name. Default: what the node tells, or mainnet's at that time. */
  readonly hardfork?: string | undefined;
}

/** As for a node that traces: twice its timeout for one block. */
const patience = 2;
/** How many transactions run by themselves at a time; each waits on an engine of its own. */
const lanes = 32;

// Loaded with the first block: where nodes trace it is never needed.
const openEvm: OpenEvm = async (source, block) => (await import("@testudo/lab/openEvm")).openEvm(source, block);

/** A block that came out as on the chain. */
export interface ExecutedBlock {
  /** One for each transaction, in their order. */
  readonly traces: readonly CallFrame[];
  readonly evm: Evm;
  /** The state before each transaction, and last that after all. */
  readonly marks: readonly EvmMark[];
}

/**
 * Executes the block `hash` again; `logs` are those of the block. Where it comes out otherwise than on the chain, or takes longer than
 * twice the endpoint's timeout, it says why. Throws what the endpoint throws.
 */
export async function executeBlock(
  endpoint: Endpoint,
  hash: Hex,
  logs: readonly Log[],
  { chainId, hardfork }: ReexecutionOptions,
): Promise<ExecutedBlock | { readonly why: string }> {
  const limit = { untilMs: Date.now() + endpoint.timeoutMs * patience };
  const sent = await fetchSentBlock(endpoint, hash);
  const foreign = sent.txs.findIndex(({ tx }) => tx === undefined);
  if (foreign !== -1)
    return { why: `its transaction ${foreign} is of type ${sent.txs[foreign]!.type}, a chain's own.` };
  const txs = sent.txs.map(({ tx }) => tx!);
  const rules = hardfork ?? (await readHardfork(endpoint));
  const block = { ...sent.header, chainId, ...(rules === undefined ? {} : { hardfork: rules }) };
  const node = openNodeState(joinBatches(endpoint), sent.header.parentHash);
  const source = within(node, limit);
  const open = () => openEvm(source, block);
  try {
    await node.warm({ accounts: partiesOf(txs, block), slots: listedSlots(txs) });
    await foresee(open, txs);
    const evm = await open();
    await enterBlock(evm, sent);
    const ran = await runAll(evm, txs, limit.untilMs);
    const why = typeof ran === "string" ? ran : whyOtherwise(sent, ran, logs);
    if (typeof ran === "string" || why !== undefined) return { why: why! };
    // What is read between them later has time of its own.
    limit.untilMs = Number.POSITIVE_INFINITY;
    const marks = [...ran.map(({ before }) => before), evm.snapshot()];
    return { traces: ran.map(({ trace }) => trace), evm, marks };
  } catch (error) {
    if (error instanceof TimeUp) return { why: `it takes longer than ${endpoint.timeoutMs * patience} ms.` };
    throw error;
  }
}

interface Ran {
  readonly before: EvmMark;
  readonly trace: CallFrame;
  readonly gasUsed: bigint;
}

/** What all of `txs` did, in their order; a text where one of them is refused. */
async function runAll(evm: Evm, txs: readonly SentTx[], untilMs: number): Promise<readonly Ran[] | string> {
  const all: Ran[] = [];
  for (const tx of txs) {
    if (Date.now() > untilMs) throw new TimeUp();
    const before = evm.snapshot();
    const outcome = await evm.run({ ...tx, nonce: BigInt(tx.nonce) });
    if (outcome.kind === "refused") return `transaction ${tx.hash} is refused (${outcome.reason}): ${outcome.detail}`;
    all.push({ before, trace: outcome.trace, gasUsed: outcome.gasUsed });
  }
  return all;
}

/**
 * Why what ran is not what happened: the gas of the block has to be the same to the unit, and each transaction's logs word for word. A
 * state, a rule or a system call that is not as it was on the chain shows in one of them.
 */
function whyOtherwise(sent: SentBlock, ran: readonly Ran[], logs: readonly Log[]): string | undefined {
  const gas = ran.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  if (gas !== sent.gasUsed) return `it used ${gas} gas here, and ${sent.gasUsed} on the chain.`;
  const told = ran.map(() => "");
  for (const log of logs) if (log.txIndex in told) told[log.txIndex] += wordsOf(log);
  const differs = ran.findIndex(({ trace }, i) => logsOf(trace).map(wordsOf).join("") !== told[i]);
  return differs === -1 ? undefined : `the logs of its transaction ${differs} are others here than on the chain.`;
}

function wordsOf({ address, topics, data }: Pick<Log, "address" | "topics" | "data">): string {
  return `${address} ${topics.join()} ${data}\n`;
}

/** Runs each of `txs` by itself and takes it back: what comes of it does not matter, what it asks for is here afterwards. */
async function foresee(open: () => Promise<Evm>, txs: readonly SentTx[]): Promise<void> {
  if (txs.length < 2) return;
  let next = 0;
  const lane = async () => {
    const evm = await open();
    const start = evm.snapshot();
    for (let tx = txs[next++]; tx !== undefined; tx = txs[next++]) {
      await evm.run({ ...tx, nonce: BigInt(tx.nonce) });
      evm.revert(start);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, txs.length) }, lane));
}

const system: Address = "0xfffffffffffffffffffffffffffffffffffffffe";
const beaconRoots: Address = "0x000f3df6d732807ef1319fb7b8bb8522d0beac02";
const historyStorage: Address = "0x0000f90827f1c53a10cb7a02335b175320002935";

/** What the chain itself writes before the first transaction (EIP-4788, EIP-2935), where the contracts for it stand. */
async function enterBlock(evm: Evm, { header, parentBeaconBlockRoot }: SentBlock): Promise<void> {
  const writes: (readonly [Address, Hex])[] = [[historyStorage, header.parentHash]];
  if (parentBeaconBlockRoot !== undefined) writes.push([beaconRoots, parentBeaconBlockRoot]);
  for (const [to, input] of writes) {
    const call = { from: system, to, value: 0n, input, gas: 1_000_000n, isImpersonated: true };
    await evm.run({ ...call, block: { baseFeePerGas: 0n } });
  }
}

function partiesOf(txs: readonly SentTx[], { coinbase }: EvmBlock): Address[] {
  const parties = txs.flatMap(({ from, to, accessList = [] }) => [from, to, ...accessList.map((one) => one.address)]);
  return [...new Set([coinbase, ...parties])].filter((one) => one !== null);
}

function listedSlots(txs: readonly SentTx[]): (readonly [Address, Hex])[] {
  return txs.flatMap(({ accessList = [] }) =>
    accessList.flatMap(({ address, storageKeys }) => storageKeys.map((key) => [address, key] as const)),
  );
}

/** `node`, as long as `limit` says. */
function within(node: NodeState, limit: { readonly untilMs: number }): StateSource {
  const inTime = <T>(ask: () => Promise<T>): Promise<T> =>
    Date.now() > limit.untilMs ? Promise.reject(new TimeUp()) : ask();
  return {
    account: (address) => inTime(() => node.account(address)),
    slot: (address, key) => inTime(() => node.slot(address, key)),
    blockHash: (number) => inTime(() => node.blockHash(number)),
  };
}

/** The time for one block is over. */
class TimeUp extends Error {
  override readonly name = "TimeUp";
}
