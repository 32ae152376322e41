// Bytes before ours of pauses that others have put in force. Nobody gives them on: where a block costs more than they offer they
// wait for ever, and a later pause behind them. What people stopped, or what lost its cause, is pushed by nobody.
import { placeOf } from "@testudo/chain/act/sendAction";
import { parseTransaction } from "viem/utils";
import { listOpenTransactions, type StoredTransaction, storeReplacement } from "../../store/leaseNonce.ts";
import { listInForce } from "../../store/listInForce.ts";
import { askAll, medianDown } from "../askNodes.ts";
import { feeRequest, feesOf, type Leased, type LeaseOptions, type SendCommand, signCall } from "./leaseBytes.ts";
import { boundsOf, raiseAbove } from "./offerFees.ts";

/**
 * Stores dearer bytes for each nonce below `leased`'s that waits for less than a block takes and whose pause is in force: the same call,
 * which the council refuses, above the price of `leased`. They are returned, and not given out yet. Where no more may be offered
 * nothing is stored.
 */
export async function raiseIdle(
  options: LeaseOptions,
  command: SendCommand,
  leased: Leased,
): Promise<readonly StoredTransaction[]> {
  const idle = await listIdle(options, leased);
  if (idle.length === 0) return [];
  const { least, most } = await boundsOf(await feeRequest(options, command, leased.leastNonce));
  const own = feesOf(leased.tx.raw).maxFeePerGas;
  const bid = { tipWei: 0n, maxFeeWei: own > least ? own : least };
  const raised: StoredTransaction[] = [];
  for (const tx of idle) {
    const { to, data = "0x", gas = 0n } = parseTransaction(tx.raw);
    const before = feesOf(tx.raw);
    const fees = before.maxFeePerGas < least ? raiseAbove(before, bid, most) : undefined;
    if (fees === undefined || !to) continue;
    const signed = await signCall(options, { to, data }, tx.nonce, { ...fees, gas });
    raised.push(await storeReplacement(options.store, tx.action, signed));
  }
  return raised;
}

/** The dearest bytes of each nonce below `leased`'s that no block has, that are out, and whose pause is in force. */
async function listIdle(
  { store, chainId, endpoints }: LeaseOptions,
  { tx }: Leased,
): Promise<readonly StoredTransaction[]> {
  const before = (await listOpenTransactions(store, chainId)).filter(
    (other) =>
      other.sender === tx.sender && other.nonce < tx.nonce && other.action !== tx.action && other.state === "sent",
  );
  const inForce = await listInForce(store, [...new Set(before.map(({ action }) => action))]);
  const idle = new Map<number, StoredTransaction>();
  for (const other of before) {
    if (!inForce.has(other.action)) continue;
    const dearest = idle.get(other.nonce);
    const isDearer = dearest === undefined || feesOf(other.raw).maxFeePerGas > feesOf(dearest.raw).maxFeePerGas;
    if (isDearer) idle.set(other.nonce, other);
  }
  // Nodes are asked where there is something to ask for alone.
  if (idle.size === 0) return [];
  const places = await askAll(endpoints, (endpoint) => placeOf(endpoint, tx.sender));
  const mined = medianDown(places.map((place) => place.mined));
  return [...idle.values()].filter(({ nonce }) => nonce >= mined);
}
