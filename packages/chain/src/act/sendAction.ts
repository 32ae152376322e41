// Sending in steps that keep nothing themselves: whoever calls stores the nonce and the signed bytes before `broadcast`,
// and after a crash sends the same bytes again. So one action has one effect, however often a step is repeated.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import { keccak256 } from "viem/utils";
import { RpcRefused } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { type Fields, toBigint, toCount, toFields, toHash, toNumber } from "../wire/parseField.ts";

/** Fees of an EIP-1559 transaction, in wei per gas. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What is to be signed. */
export interface TransactionContent {
  readonly signer: Signer;
  readonly chainId: number;
  /** Left out: `data` creates a contract. */
  readonly to?: Address;
  readonly data: Hex;
  readonly nonce: number;
  readonly value?: bigint;
  readonly gas: bigint;
  readonly fees: Fees;
}

/** What is to be signed. Without `fees` or `gas` the endpoint is asked. */
export interface TransactionRequest extends Omit<TransactionContent, "gas" | "fees"> {
  readonly endpoint: Endpoint;
  readonly gas?: bigint;
  readonly fees?: Fees;
}

/** A signed transaction, ready to be stored and then broadcast. */
export interface PreparedTransaction extends Fees {
  readonly raw: Hex;
  readonly hash: Hex;
  readonly nonce: number;
  readonly gas: bigint;
}

/** What became of a broadcast. All three are success or wait for a receipt; none is a reason to sign anew. */
export type BroadcastResult = "sent" | "already-known" | "nonce-too-low";

/** A transaction's place in the chain. */
export interface FoundReceipt {
  readonly hash: Hex;
  readonly blockHash: Hex;
  readonly blockNumber: bigint;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
}

/** Signs a transaction. Throws what the endpoint and the signer throw; an estimate that reverts is `RpcRefused`. */
export async function prepareTransaction(request: TransactionRequest): Promise<PreparedTransaction> {
  const { endpoint, signer, data, value = 0n } = request;
  const fees = request.fees ?? (await suggestFees(endpoint));
  const call = { from: signer.address, ...toOf(request), data, value };
  const gas = request.gas ?? withMargin(await estimateGas(endpoint, call));
  return signTransaction({ ...request, fees, gas });
}

/** Signs a transaction without asking a node. Throws what the signer throws. */
export async function signTransaction(content: TransactionContent): Promise<PreparedTransaction> {
  const { signer, chainId, data, nonce, value = 0n, gas } = content;
  const fees = pickFees(content.fees);
  const raw = await signer.signTransaction({ chainId, nonce, ...toOf(content), data, value, gas, ...fees });
  return { raw, hash: keccak256(raw), nonce, gas, ...fees };
}

// A field that is there and undefined is not the same to every signer as one that is not there.
function toOf({ to }: { readonly to?: Address }): { readonly to?: Address } {
  return to === undefined ? {} : { to };
}

function pickFees({ maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
  return { maxFeePerGas, maxPriorityFeePerGas };
}

const DEFAULT_TIP = 1_000_000_000n;

// The hashes of a block's transactions, and a pause's receipts, fit many times. Longer answers would keep whoever sends at reading them.
const bounds = { maxBytes: 4 * 1024 * 1024 };

/** Fees that stay valid while the base fee doubles: twice the head's base fee and the tip that the node suggests. */
export async function suggestFees(endpoint: Endpoint): Promise<Fees> {
  const method = "eth_getBlockByNumber";
  const calls = [
    { method, params: ["latest", false] },
    { method: "eth_maxPriorityFeePerGas", params: [] },
  ];
  const [block, tip] = await endpoint.batch(calls, bounds);
  if (!block!.ok) throw block!.error;
  const { baseFeePerGas } = toFields({ method, endpoint: endpoint.label }, "block", block!.result);
  const base = toBigint({ method, endpoint: endpoint.label }, "baseFeePerGas", baseFeePerGas);
  const maxPriorityFeePerGas = tip!.ok
    ? toBigint({ method: "eth_maxPriorityFeePerGas", endpoint: endpoint.label }, "result", tip!.result)
    : DEFAULT_TIP;
  return { maxFeePerGas: 2n * base + maxPriorityFeePerGas, maxPriorityFeePerGas };
}

/** A call by `from`. */
export interface EstimatedCall {
  readonly from: Address;
  /** Left out: `data` creates a contract. */
  readonly to?: Address;
  readonly data: Hex;
  /** In wei; left out, none. */
  readonly value?: bigint;
}

/**
 * The gas limit that is signed for an estimate: three tenths above it. A pause can cost more in the block than at the
 * estimate: a budget that was never touched before is one more cold slot.
 */
export function withMargin(estimate: bigint): bigint {
  return (estimate * 13n) / 10n;
}

/** The gas that `call` takes by the node's word, with what its chain charges for data. Throws RpcRefused where it would revert. */
export async function estimateGas(endpoint: Endpoint, { value = 0n, ...call }: EstimatedCall): Promise<bigint> {
  const method = "eth_estimateGas";
  const result = await endpoint.request(method, [{ ...call, value: `0x${value.toString(16)}` }], bounds);
  return toBigint({ method, endpoint: endpoint.label }, "result", result);
}

/** Sends signed bytes. Throws `RpcRefused` for what is wrong with the transaction, `RpcUnreachable` when nobody knows. */
export function broadcast(endpoint: Endpoint, raw: Hex): Promise<BroadcastResult> {
  return submit(endpoint, "eth_sendRawTransaction", [raw]);
}

/** Calls `method`, which takes signed bytes, and reads what became of them. Throws as `broadcast` does. */
export async function submit(endpoint: Endpoint, method: string, params: readonly unknown[]): Promise<BroadcastResult> {
  try {
    await endpoint.request(method, params, { maxBytes: 64 * 1024 });
    return "sent";
  } catch (error) {
    if (!(error instanceof RpcRefused)) throw error;
    // The words of geth and of those who copy it, erigon, nethermind, besu and anvil; codes differ too much to be used.
    if (/already (known|imported|exists)|known transaction|alreadyknown|AlreadyKnown/i.test(error.said))
      return "already-known";
    if (/nonce (is )?too low|OldNonce|nonce too small/i.test(error.said)) return "nonce-too-low";
    throw error;
  }
}

/** Whether a node refused a replacement because its fees are raised too little. */
export function isUnderpriced(error: unknown): boolean {
  return (
    error instanceof RpcRefused && /underpriced|fee too low|max fee per gas less than block base fee/i.test(error.said)
  );
}

/** The receipt of whichever of `hashes` is in the chain; of several, the one that succeeded. */
export async function findReceipt(endpoint: Endpoint, hashes: readonly Hex[]): Promise<FoundReceipt | undefined> {
  const method = "eth_getTransactionReceipt";
  const answers = await endpoint.batch(
    hashes.map((hash) => ({ method, params: [hash] })),
    bounds,
  );
  const source = { method, endpoint: endpoint.label };
  const found = answers.flatMap((answer, i) => {
    if (!answer.ok) throw answer.error;
    return answer.result === null ? [] : readReceipt(hashes[i]!, toFields(source, "receipt", answer.result), source);
  });
  return found.find(({ succeeded }) => succeeded) ?? found[0];
}

function readReceipt(hash: Hex, receipt: Fields, source: { method: string; endpoint: string }): FoundReceipt {
  return {
    hash,
    blockHash: toHash(source, "blockHash", receipt.blockHash),
    blockNumber: toBigint(source, "blockNumber", receipt.blockNumber),
    succeeded: toNumber(source, "status", receipt.status) === 1,
    gasUsed: toBigint(source, "gasUsed", receipt.gasUsed),
  };
}

/** Both fees raised by an eighth, rounded up: the least that nodes take as a replacement (RESP-09). */
export function bumpFees({ maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
  return { maxFeePerGas: raiseByEighth(maxFeePerGas), maxPriorityFeePerGas: raiseByEighth(maxPriorityFeePerGas) };
}

function raiseByEighth(fee: bigint): bigint {
  return fee === 0n ? 1n : (fee * 9n + 7n) / 8n;
}

/** The first nonce of `account` that no transaction has, those that wait included. */
export async function nextNonce(endpoint: Endpoint, account: Address): Promise<number> {
  const method = "eth_getTransactionCount";
  const count = await endpoint.request(method, [account, "pending"], bounds);
  return toCount({ method, endpoint: endpoint.label }, "result", count);
}

/** A node's newest block, and how many transactions of `account` are in the chain up to it. */
export async function placeOf(
  endpoint: Endpoint,
  account: Address,
): Promise<{ readonly height: bigint; readonly mined: number }> {
  const calls = [
    { method: "eth_blockNumber", params: [] },
    { method: "eth_getTransactionCount", params: [account, "latest"] },
  ];
  const [height, mined] = (await endpoint.batch(calls, bounds)).map((answer) => {
    if (!answer.ok) throw answer.error;
    return answer.result;
  });
  return {
    height: BigInt(toCount({ method: calls[0]!.method, endpoint: endpoint.label }, "result", height)),
    mined: toCount({ method: calls[1]!.method, endpoint: endpoint.label }, "result", mined),
  };
}

/** What `account` has in the newest block, in wei. */
export async function balanceOf(endpoint: Endpoint, account: Address): Promise<bigint> {
  const method = "eth_getBalance";
  const balance = await endpoint.request(method, [account, "latest"], bounds);
  return toBigint({ method, endpoint: endpoint.label }, "result", balance);
}
