import type { Address, Hex, LocalAccount, PublicClient } from "viem";
import { createPublicClient, http } from "viem";

/** A development chain with the nonces that this process handed out on it. */
export type ChainSession = {
  readonly client: PublicClient;
  readonly chainId: number;
  readonly nonces: Map<Address, number>;
  /** Gets pending transactions into a block: `evm_mine`, or a wait for the next interval block. */
  readonly mine: () => Promise<void>;
};

/** One transaction to sign. `gas` is explicit because an estimate would cost a round trip and refuse a revert. */
export type Call = { readonly from: LocalAccount; readonly to?: Address; readonly data: Hex; readonly gas?: bigint };

export type Receipt = {
  readonly transactionHash: Hex;
  readonly status: Hex;
  readonly blockNumber: Hex;
  readonly gasUsed: Hex;
};

const defaultGas = 3_000_000n;
const maxFeePerGas = 100_000_000_000n;
const topPriorityFee = 3_000_000_000n;
const priorityFeeStep = 1_000_000n;

/** Connects to an anvil node. `mine` defaults to one `evm_mine` call. */
export async function openSession(rpcUrl: string, mine?: () => Promise<void>): Promise<ChainSession> {
  const client = createPublicClient({
    transport: http(rpcUrl, { batch: { batchSize: 500 }, timeout: 30_000, retryCount: 0 }),
    pollingInterval: 50,
    cacheTime: 0,
  });
  const chainId = await client.getChainId();
  return { client, chainId, nonces: new Map(), mine: mine ?? (() => rpc(client, "evm_mine", [])) };
}

/** Calls an anvil method that viem does not type. */
export async function rpc<T>(client: PublicClient, method: string, params: unknown[]): Promise<T> {
  return (await client.request({ method, params } as never)) as T;
}

/**
 * Signs `calls` and sends them as one JSON-RPC batch; returns the hashes without waiting for a block.
 * Priority fees fall by one step per call: anvil orders a block by fee, so the order of `calls` is the order on chain.
 */
export async function submit(session: ChainSession, calls: readonly Call[]): Promise<Hex[]> {
  await loadNonces(session, calls);
  const signed = await Promise.all(
    calls.map((call, i) => sign(session, call, topPriorityFee - BigInt(i) * priorityFeeStep)),
  );
  return Promise.all(signed.map((raw) => rpc<Hex>(session.client, "eth_sendRawTransaction", [raw])));
}

/** Submits `calls`, mines, and returns the receipts. Throws when one reverted: set-up code has no use for a failure. */
export async function execute(session: ChainSession, calls: readonly Call[], what: string): Promise<Receipt[]> {
  const receipts = await submitAndMine(session, calls);
  const failed = receipts.findIndex((r) => r.status !== "0x1");
  if (failed >= 0) throw new StepRevertedError(what, failed, receipts[failed]!.transactionHash);
  return receipts;
}

/** Submits `calls`, mines, and returns the receipts, reverted ones included. */
export async function submitAndMine(session: ChainSession, calls: readonly Call[]): Promise<Receipt[]> {
  const hashes = await submit(session, calls);
  await session.mine();
  return waitForReceipts(session, hashes);
}

/** Receipts of `hashes`, null where a transaction is not in a block yet. */
export function readReceipts(session: ChainSession, hashes: readonly Hex[]): Promise<(Receipt | null)[]> {
  return Promise.all(hashes.map((hash) => rpc<Receipt | null>(session.client, "eth_getTransactionReceipt", [hash])));
}

async function waitForReceipts(session: ChainSession, hashes: readonly Hex[]): Promise<Receipt[]> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const receipts = await readReceipts(session, hashes);
    if (receipts.every((r) => r !== null)) return receipts;
    await new Promise((resolve) => setTimeout(resolve, 50 + 10 * attempt));
  }
  throw new NotMinedError(hashes);
}

/** Sets the clock `seconds` ahead with one empty block; a timestamp interval stays in force after it. */
export async function skipTime(session: ChainSession, seconds: number): Promise<void> {
  const block = await session.client.getBlock({ blockTag: "latest" });
  await rpc(session.client, "evm_setNextBlockTimestamp", [Number(block.timestamp) + seconds]);
  await rpc(session.client, "evm_mine", []);
}

/** Number of the newest block. */
export async function readBlockNumber(session: ChainSession): Promise<bigint> {
  return BigInt(await rpc<Hex>(session.client, "eth_blockNumber", []));
}

async function loadNonces(session: ChainSession, calls: readonly Call[]): Promise<void> {
  const unknown = [...new Set(calls.map((c) => c.from.address))].filter((a) => !session.nonces.has(a));
  const counts = await Promise.all(
    unknown.map((a) => rpc<Hex>(session.client, "eth_getTransactionCount", [a, "pending"])),
  );
  for (const [i, address] of unknown.entries()) session.nonces.set(address, Number(counts[i]));
}

function sign(session: ChainSession, call: Call, maxPriorityFeePerGas: bigint): Promise<Hex> {
  const nonce = session.nonces.get(call.from.address)!;
  session.nonces.set(call.from.address, nonce + 1);
  const { chainId } = session;
  const gas = call.gas ?? defaultGas;
  const to = call.to ?? null;
  return call.from.signTransaction({
    type: "eip1559",
    chainId,
    nonce,
    to,
    data: call.data,
    gas,
    maxFeePerGas,
    maxPriorityFeePerGas,
  });
}

/** A set-up transaction reverted. */
export class StepRevertedError extends Error {
  override readonly name = "StepRevertedError";
  constructor(what: string, index: number, hash: Hex) {
    super(
      `Transaction ${index} of "${what}" (${hash}) reverted.\n` +
        "- Every set-up transaction must succeed on a fresh anvil chain.\n" +
        "- Start the chain anew, or replay the transaction with debug_traceTransaction.",
    );
  }
}

/** Transactions were sent and no block took them. */
export class NotMinedError extends Error {
  override readonly name = "NotMinedError";
  constructor(hashes: readonly Hex[]) {
    super(
      `${hashes.length} transactions, first ${hashes[0]}, are in no block.\n` +
        "- The session's `mine` must lead to a block, or the node must mine by interval.\n" +
        "- Check the node's mining mode.",
    );
  }
}
