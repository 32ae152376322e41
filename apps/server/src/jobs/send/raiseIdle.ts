// Bytes before ours that nobody gives on: of pauses that others have put in force, or that ended as they were out. Where a block
// costs more than they offer they wait for ever, and a later pause behind them.
import { placeOf } from "@testudo/chain/act/sendAction";
import type { Hex } from "@testudo/core/model/Hex";
import { parseTransaction } from "viem/utils";
import { listOpenTransactions, type StoredTransaction, storeReplacement } from "../../store/leaseNonce.ts";
import { askAll, medianDown } from "../askNodes.ts";
import { feeRequest, feesOf, type Leased, type LeaseOptions, type SendCommand, signCall } from "./leaseBytes.ts";
import { boundsOf, raiseAbove } from "./offerFees.ts";

/** What it needs to know beside what signing does. */
export interface IdleOptions extends LeaseOptions {
  /** Whether something gives `action`'s bytes on and raises them by itself. Left out: nothing does. */
  readonly isGivenOn?: (action: Hex) => boolean;
}

/**
 * Stores dearer bytes for each nonce below `leased`'s that waits for less than a block takes and that nobody raises: the same call, so
 * that what comes of it stays the same, above the price of `leased`. They are returned, and not given out yet. Where no more may be
 * offered nothing is stored.
 */
export async function raiseIdle(
  options: IdleOptions,
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

/** The dearest bytes of each nonce below `leased`'s that no block has, that are out, and that nobody gives on. */
async function listIdle(options: IdleOptions, { tx }: Leased): Promise<readonly StoredTransaction[]> {
  const { store, chainId, endpoints, isGivenOn } = options;
  const open = (await listOpenTransactions(store, chainId)).filter(
    (other) => other.sender === tx.sender && other.nonce < tx.nonce && other.action !== tx.action,
  );
  const kept = new Set(open.filter(({ action }) => isGivenOn?.(action)).map(({ nonce }) => nonce));
  const idle = new Map<number, StoredTransaction>();
  for (const other of open) {
    if (other.state !== "sent" || kept.has(other.nonce)) continue;
    const before = idle.get(other.nonce);
    const isDearer = before === undefined || feesOf(other.raw).maxFeePerGas > feesOf(before.raw).maxFeePerGas;
    if (isDearer) idle.set(other.nonce, other);
  }
  // Nodes are asked where there is something to ask for alone.
  if (idle.size === 0) return [];
  const places = await askAll(endpoints, (endpoint) => placeOf(endpoint, tx.sender));
  const mined = medianDown(places.map((place) => place.mined));
  return [...idle.values()].filter(({ nonce }) => nonce >= mined);
}
