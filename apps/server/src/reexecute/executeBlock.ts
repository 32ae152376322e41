// A block's transactions run again on our own engine, on the state before them as a node gives it word by word. Each first runs
// by itself, many at a time, so that what they need is asked for together; then all run in their order on what is here by then.

import { fetchSentBlock, type SentBlock } from "@testudo/chain/block/fetchSentBlock";
import type { Reexecuted } from "@testudo/chain/block/Reexecution";
import { readHardfork } from "@testudo/chain/block/readHardfork";
import { joinBatches } from "@testudo/chain/rpc/joinBatches";
import { RpcTimedOut } from "@testudo/chain/rpc/RpcError";
import type { Endpoint, RpcAnswer } from "@testudo/chain/rpc/rpcEndpoint";
import { openNodeState } from "@testudo/chain/state/openNodeState";
import { type SentTx, toEvmTransaction } from "@testudo/chain/wire/parseTxFields";
import type { CallFrame, Log } from "@testudo/core/model/BlockBundle";
import { logsOf } from "@testudo/core/model/CallTree";
import type { Evm, EvmBlock, EvmLimits, EvmMark, EvmTransaction } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { openEvm } from "@testudo/lab/engine/openEvm";
import { hardforkOf, isOurFork } from "@testudo/lab/record/hardforkOf";
import { isOnThisMachine } from "../config/nodeOf.ts";
import { patienceMs, tooLong } from "./patience.ts";
import { sizeOfTrace } from "./sizeOfTrace.ts";
import { withChainsWrites } from "./withChainsWrites.ts";

export interface ReexecutionOptions {
  readonly chainId: number;
  /** Rules of the chain by name. Default: what the node tells, or mainnet's at that time. */
  readonly hardfork?: string | undefined;
}

/** Why a block has no call trees. `isOfBlock`: the node has done what it could. */
export type NotExecuted = Exclude<Reexecuted, { readonly traces: unknown }>;

/** How many transactions run by themselves at a time; each waits on an engine of its own. */
const lanes = 32;
const mainnet = 1;
/** Of all call trees of a block together, in characters. A full block of mainnet has a hundredth of it. */
const mostSize = 128 * 2 ** 20;

/** A block has to come out, so that it may take longer than what is only tried. */
const limits: EvmLimits = { mostHostGas: 4_000_000n };

/** A block that came out as on the chain. */
export interface ExecutedBlock {
  /** One for each transaction, in their order. */
  readonly traces: readonly CallFrame[];
  readonly txs: readonly EvmTransaction[];
  readonly evm: Evm;
  /** The state before each transaction, and last that after all. */
  readonly marks: readonly EvmMark[];
}

/** What is known of a block, and from more than the node whose state it is executed on. */
export interface AgreedBlock {
  readonly hash: Hex;
  readonly txHashes: readonly Hex[];
  readonly logs: readonly Log[];
}

/**
 * Executes a block again. Where it comes out otherwise than on the chain, or takes longer than it may (`patienceMs`), it says why. Throws what the endpoint throws, and the engine.
 */
export async function executeBlock(
  endpoint: Endpoint,
  { hash, txHashes, logs }: AgreedBlock,
  { chainId, hardfork }: ReexecutionOptions,
): Promise<ExecutedBlock | NotExecuted> {
  const limit = { untilMs: Date.now() + patienceMs(endpoint.timeoutMs) };
  const node = untilThen(endpoint, limit);
  let made: ExecutedBlock | undefined;
  try {
    const sent = await fetchSentBlock(node, hash);
    const foreign = sent.txs.findIndex(({ tx }) => tx === undefined);
    if (foreign !== -1)
      return ofBlock(`its transaction ${foreign} is of type ${sent.txs[foreign]!.type}, a chain's own.`);
    const txs = sent.txs.map(({ tx }) => tx!);
    if (txs.length !== txHashes.length || txs.some((tx, i) => tx.hash !== txHashes[i]))
      return { why: "the node names other transactions of it than were agreed on." };
    // A development node says by which rules it runs; one elsewhere must not choose under which its blocks are judged.
    const rules = hardfork ?? (isOnThisMachine(endpoint.url) ? await readHardfork(node) : undefined);
    // Other chains took over mainnet's forks at other times, and under other rules other things happen for the same gas.
    if (rules === undefined && chainId !== mainnet)
      return ofBlock(
        `the rules of chain ${chainId} are not known here: name them as \`hardfork\`, or with --hardfork.`,
      );
    const block = { ...sent.header, chainId, ...(rules === undefined ? {} : { hardfork: rules }) };
    if (block.difficulty !== undefined && isOurFork(hardforkOf(block)))
      return ofBlock("its header has a difficulty, which is none of the rules that it should be under.");
    const state = openNodeState(joinBatches(node), sent.header.parentHash);
    const open = () => openEvm(withChainsWrites(state, sent), block, limits);
    await state.warm({ accounts: partiesOf(txs, block), slots: listedSlots(txs) });
    await foresee(open, txs, limit);
    const evm = await open();
    const ran = await runAll(evm, txs, limit);
    if (typeof ran === "string") return ofBlock(ran);
    const why = whyOtherwise(sent, ran, logs);
    if (why !== undefined) return ofBlock(why);
    const marks = [...ran.map(({ before }) => before), evm.snapshot()];
    made = { traces: ran.map(({ trace }) => trace), txs: txs.map(toEvmTransaction), evm, marks };
    return made;
  } catch (error) {
    // The last question of all may have been given little time.
    const isLate = error instanceof TimeUp || (error instanceof RpcTimedOut && Date.now() >= limit.untilMs);
    if (isLate) return { why: tooLong(endpoint.timeoutMs) };
    throw error;
  } finally {
    // What is read between them later has time of its own; where it did not come out, nothing more is asked for it.
    limit.untilMs = made === undefined ? 0 : Number.POSITIVE_INFINITY;
  }
}

function ofBlock(why: string): NotExecuted {
  return { why, isOfBlock: true };
}

interface Limit {
  untilMs: number;
}

interface Ran {
  readonly before: EvmMark;
  readonly trace: CallFrame;
  readonly gasUsed: bigint;
}

/** What all of `txs` did, in their order; a text where it is not to be had. */
async function runAll(evm: Evm, txs: readonly SentTx[], limit: Limit): Promise<readonly Ran[] | string> {
  const all: Ran[] = [];
  let size = 0;
  for (const tx of txs) {
    if (Date.now() > limit.untilMs) throw new TimeUp();
    const before = evm.snapshot();
    const outcome = await evm.run(toEvmTransaction(tx));
    if (outcome.kind === "refused") return `transaction ${tx.hash} is refused (${outcome.reason}): ${outcome.detail}`;
    size += sizeOfTrace(outcome.trace);
    if (size > mostSize) return `its call trees are larger than ${mostSize / 2 ** 20} Mi characters.`;
    all.push({ before, trace: outcome.trace, gasUsed: outcome.gasUsed });
  }
  return all;
}

/**
 * Why what ran is not what happened: the gas of the block has to be the same to the unit, and each transaction's logs word for word. A
 * state that is not as it was nearly always shows in one of them, and rules that are not need not: hence they are named.
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
async function foresee(open: () => Promise<Evm>, txs: readonly SentTx[], limit: Limit): Promise<void> {
  if (txs.length < 2) return;
  let next = 0;
  const lane = async () => {
    const evm = await open();
    const start = evm.snapshot();
    for (let tx = txs[next++]; tx !== undefined; tx = txs[next++]) {
      if (Date.now() > limit.untilMs) throw new TimeUp();
      await evm.run(toEvmTransaction(tx));
      evm.revert(start);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(lanes, txs.length) }, lane));
  } finally {
    // Where one has failed, the others have nothing to go on with.
    next = txs.length;
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

// What a server takes in one request (`EndpointOptions.maxBatch`): between two of them there is a look at the clock.
const atOnce = 100;

/** `endpoint`, until the time is up. */
function untilThen(endpoint: Endpoint, limit: Limit): Endpoint {
  const left = () => {
    const ms = limit.untilMs - Date.now();
    if (ms <= 0) throw new TimeUp();
    return { timeoutMs: Math.min(endpoint.timeoutMs, ms) };
  };
  return {
    ...endpoint,
    request: async (method, params) => endpoint.request(method, params, left()),
    async batch(calls) {
      const answers: RpcAnswer[] = [];
      for (let i = 0; i < calls.length; i += atOnce)
        answers.push(...(await endpoint.batch(calls.slice(i, i + atOnce), left())));
      return answers;
    },
  };
}

/** The time for one block is over. */
class TimeUp extends Error {
  override readonly name = "TimeUp";
}
