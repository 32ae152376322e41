import type { Address, Hex, RpcTransaction, RpcTransactionReceipt } from "viem";
import { createTestClient, http } from "viem";
import { type CallFrame, callTracerWithLogs } from "../incidents/callTrace.ts";
import { forkCapsule } from "../incidents/forkCapsule.ts";
import { parentCapsule, type RecordedBlock, signedBytes } from "./recordedBlock.ts";

const CANCUN_TIMESTAMP = 1_710_338_135;

// anvil builds a callTracer tree by executing the block again up to the transaction, so that the trees of a block cost
// the square of its length: 14 s for 341 transactions.
const TRACE_TIMEOUT_MS = 300_000;

/** Why a transaction was not executed as on the chain. */
export type SkipReason =
  /** It enters a contract whose code was not recorded. */
  | "missing-code"
  /** It carries blobs, which were not recorded. */
  | "blobs"
  /** It cannot pay: an earlier transaction that was skipped would have funded its sender. */
  | "unfunded";

/** A transaction of the block: executed with the original bytes under the original hash, or left out. */
export type ReplayedTransaction =
  | {
      status: "judged";
      tx: RpcTransaction;
      receipt: RpcTransactionReceipt;
      logs: RpcTransactionReceipt["logs"];
      trace: CallFrame;
      block: ReplayedHeader;
    }
  | { status: "skipped"; tx: RpcTransaction; reason: SkipReason; block: ReplayedHeader };

/** Number, hashes and time of the replayed block; the hashes are anvil's, not mainnet's. */
export interface ReplayedHeader {
  number: Hex;
  hash: Hex;
  parentHash: Hex;
  timestamp: Hex;
}

/** A replayed block on a running anvil: state at the block and at its parent can be read from `rpcUrl`. */
export interface BlockReplay {
  rpcUrl: string;
  block: ReplayedHeader;
  transactions: readonly ReplayedTransaction[];
  close(): Promise<void>;
}

/** Told after each pass over the block: how many transactions were sent and how many of them newly left out. */
export type ReplayProgress = (pass: number, sent: number, leftOut: number) => void;

/**
 * Executes `recorded` on anvil as one block with the original number, time, base fee and signed transactions.
 * A transaction that enters a contract of unknown code leaves no trace in the state: the block is built again without
 * it until no transaction does. Where a later one of the same sender stays, a transfer of nothing to oneself takes the
 * nonce; it is in the block and not among `transactions`. Needs `TESTUDO_DATA`.
 */
export async function replayBlock(recorded: RecordedBlock, progress: ReplayProgress = () => {}): Promise<BlockReplay> {
  const timestamp = Number(recorded.block.timestamp);
  const fork = await forkCapsule(parentCapsule(recorded), [
    "--order",
    "fifo",
    "--auto-impersonate",
    "--disable-pool-balance-checks",
    "--disable-min-priority-fee",
    "--disable-block-gas-limit",
    "--hardfork",
    timestamp < CANCUN_TIMESTAMP ? "shanghai" : "cancun",
  ]);
  try {
    const client = createTestClient({ mode: "anvil", transport: http(fork.rpcUrl, { timeout: TRACE_TIMEOUT_MS }) });
    const rpc = <Result>(method: string, ...params: unknown[]) =>
      client.request({ method, params } as never) as Promise<Result>;
    const skipped = knownUnreplayable(recorded);
    const block = await settle(recorded, skipped, rpc, progress);
    const receipts = await rpc<RpcTransactionReceipt[]>("eth_getBlockReceipts", block.hash);
    const traces = await rpc<BlockTrace[]>("debug_traceBlockByHash", block.hash, callTracerWithLogs);
    const receiptOf = new Map(receipts.map((receipt) => [receipt.transactionHash, receipt]));
    const traceOf = new Map(traces.map(({ txHash, result }) => [txHash, result]));
    const transactions = recorded.block.transactions.map((tx): ReplayedTransaction => {
      const reason = skipped.get(tx.hash);
      if (reason !== undefined) return { status: "skipped", tx, reason, block };
      const receipt = receiptOf.get(tx.hash)!;
      return { status: "judged", tx, receipt, logs: receipt.logs, trace: traceOf.get(tx.hash)!, block };
    });
    return { rpcUrl: fork.rpcUrl, block, transactions, close: fork.close };
  } catch (cause) {
    await fork.close();
    throw cause;
  }
}

type Rpc = <Result>(method: string, ...params: unknown[]) => Promise<Result>;

interface BlockTrace {
  txHash: Hex;
  result: CallFrame;
}

// One frame of a whole block in the flat form of `trace_block`, which anvil has kept since it mined the block.
interface FlatFrame {
  transactionHash: Hex;
  action: { to?: Address };
}

function knownUnreplayable({ block, missingCode }: RecordedBlock): Map<Hex, SkipReason> {
  const isMissing = new Set(missingCode);
  const skipped = new Map<Hex, SkipReason>();
  for (const { hash, to, type } of block.transactions) {
    if (to !== null && isMissing.has(to)) skipped.set(hash, "missing-code");
    else if (type === "0x3") skipped.set(hash, "blobs");
  }
  return skipped;
}

// Ends, because every further pass has left out at least one transaction more.
async function settle(
  recorded: RecordedBlock,
  skipped: Map<Hex, SkipReason>,
  rpc: Rpc,
  progress: ReplayProgress,
): Promise<ReplayedHeader> {
  const isMissing = new Set(recorded.missingCode);
  for (let pass = 1; ; pass++) {
    const snapshot = await rpc<Hex>("evm_snapshot");
    const { block, frames } = await execute(recorded, skipped, rpc);
    const before = skipped.size;
    const executed = new Set(frames.map((frame) => frame.transactionHash));
    for (const { hash } of recorded.block.transactions)
      if (!skipped.has(hash) && !executed.has(hash)) skipped.set(hash, "unfunded");
    for (const { transactionHash, action } of frames)
      if (action.to !== undefined && isMissing.has(action.to)) skipped.set(transactionHash, "missing-code");
    progress(pass, recorded.block.transactions.length - before, skipped.size - before);
    if (skipped.size === before) return block;
    await rpc("evm_revert", snapshot);
    await rpc("anvil_dropAllTransactions");
  }
}

async function execute(recorded: RecordedBlock, skipped: ReadonlyMap<Hex, SkipReason>, rpc: Rpc) {
  const { transactions, miner, timestamp, baseFeePerGas } = recorded.block;
  await rpc("anvil_setCoinbase", miner);
  await rpc("evm_setNextBlockTimestamp", Number(timestamp));
  await rpc("anvil_setNextBlockBaseFeePerGas", baseFeePerGas);
  const lastKept = new Map<Address, number>();
  for (const [index, { from, hash }] of transactions.entries()) if (!skipped.has(hash)) lastKept.set(from, index);
  // One by one: anvil orders by arrival, and a batch may arrive in any order.
  for (const [index, tx] of transactions.entries()) {
    if (!skipped.has(tx.hash)) await rpc("eth_sendRawTransaction", signedBytes(tx));
    else if (index < (lastKept.get(tx.from) ?? -1)) await rpc("eth_sendTransaction", nonceFiller(tx, baseFeePerGas));
  }
  await rpc("evm_mine");
  const {
    number,
    hash,
    parentHash,
    timestamp: at,
  } = await rpc<ReplayedHeader>("eth_getBlockByNumber", "latest", false);
  const block: ReplayedHeader = { number, hash, parentHash, timestamp: at };
  return { block, frames: await rpc<FlatFrame[]>("trace_block", number) };
}

function nonceFiller({ from, nonce }: RpcTransaction, baseFeePerGas: Hex) {
  return {
    from,
    to: from,
    nonce,
    value: "0x0",
    gas: "0x5208",
    maxFeePerGas: baseFeePerGas,
    maxPriorityFeePerGas: "0x0",
  };
}
