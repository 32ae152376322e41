// Bytes before ours of pauses that others have put in force, which may be over. Nobody gives them on: where a block costs more than they offer they
// wait for ever, and a later pause behind them. What people stopped, or what lost its cause, is pushed by nobody.
import { placeOf } from "@testudo/chain/act/sendAction";
import { parseTransaction } from "viem/utils";
import {
  listOpenTransactions,
  newestOf,
  SignedBytesError,
  type StoredTransaction,
  storeReplacement,
} from "../../store/leaseNonce.ts";
import { listInForce } from "../../store/listInForce.ts";
import { askAll, medianDown } from "../askNodes.ts";
import { feeRequest, feesOf, type Leased, type LeaseOptions, type SendCommand, signCall } from "./leaseBytes.ts";
import { boundsOf, raiseAbove } from "./offerFees.ts";

/**
 * Stores dearer bytes for each nonce below `leased`'s that waits for less than a block takes and whose pause took effect: the same call,
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
  const bounds = await boundsOf(await feeRequest(options, command, leased.leastNonce));
  const own = feesOf(leased.tx.raw).maxFeePerGas;
  const bid = { tipWei: 0n, maxFeeWei: own > bounds.least ? own : bounds.least };
  const raised: StoredTransaction[] = [];
  for (const tx of idle) {
    const { to, data = "0x", gas = 0n } = parseTransaction(tx.raw);
    const before = feesOf(tx.raw);
    // What may be offered is so for all the gas, of which these may have another amount.
    const most = gas > bounds.gas ? (bounds.most * bounds.gas) / gas : bounds.most;
    const fees = before.maxFeePerGas < bounds.least ? raiseAbove(before, bid, most) : undefined;
    if (fees === undefined || fees.maxFeePerGas < bounds.least || !to) continue;
    const signed = await signCall(options, { to, data }, tx.nonce, { ...fees, gas });
    const stored = await storeReplacement(options.store, tx.action, signed).catch(passOver);
    if (stored !== undefined) raised.push(stored);
  }
  return raised;
}

// A reorg may have its own loop sign it for another nonce meanwhile.
function passOver(error: unknown): undefined {
  if (!(error instanceof SignedBytesError)) throw error;
}

/**
 * The dearest bytes of each nonce below `leased`'s that no block has, that are out, and whose pause took effect. Only where they are of
 * the nonce that the pause has now, and no other action's bytes are: these would be outbid.
 */
async function listIdle(
  { store, chainId, endpoints }: LeaseOptions,
  { tx }: Leased,
): Promise<readonly StoredTransaction[]> {
  const before = (await listOpenTransactions(store, chainId)).filter(
    (other) => other.sender === tx.sender && other.nonce < tx.nonce && other.action !== tx.action,
  );
  const inForce = await listInForce(store, [...new Set(before.map(({ action }) => action))]);
  const dearest = new Map<number, StoredTransaction>();
  const shared = new Set<number>();
  for (const other of before) {
    const known = dearest.get(other.nonce);
    if (!inForce.has(other.action) || (known !== undefined && known.action !== other.action)) shared.add(other.nonce);
    else if (other.state !== "sent") continue;
    else if (known === undefined || feesOf(other.raw).maxFeePerGas > feesOf(known.raw).maxFeePerGas)
      dearest.set(other.nonce, other);
  }
  const idle: StoredTransaction[] = [];
  for (const one of dearest.values())
    if (!shared.has(one.nonce) && (await newestOf(store.db, one.action))?.nonce === one.nonce) idle.push(one);
  // Nodes are asked where there is something to ask for alone.
  if (idle.length === 0) return [];
  const places = await askAll(endpoints, (endpoint) => placeOf(endpoint, tx.sender));
  const mined = medianDown(places.map((place) => place.mined));
  return idle.filter(({ nonce }) => nonce >= mined);
}
