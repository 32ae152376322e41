// The signed bytes of an action: made once, stored before anyone sees them, and given again from then on. They are made
// anew only where those that are stored cannot come into a block as things stand.
import { encodePauseBySig } from "@testudo/chain/act/encodePause";
import { type EstimatedCall, type Fees, nextNonce, placeOf, signTransaction } from "@testudo/chain/act/sendAction";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { toPauseMessage } from "@testudo/core/model/Action";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Command } from "@testudo/core/model/Output";
import type { Signer } from "@testudo/core/model/Signer";
import { encodeSetRule } from "@testudo/lab/patch/encodeRule";
import { parseTransaction } from "viem/utils";
import type { Bid } from "../../preblock/Bids.ts";
import {
  firstHole,
  leaseNonce,
  listOpenTransactions,
  listTransactions,
  moveNonce,
  newestOf,
  renewNonce,
  type Signed,
  type StoredTransaction,
  storeReplacement,
} from "../../store/leaseNonce.ts";
import { lostBelow, nonceAfterBlocks } from "../../store/lostBelow.ts";
import type { Store } from "../../store/Store.ts";
import { askAll, medianDown, medianUp } from "../askNodes.ts";
import { assertProgram } from "./assertProgram.ts";
import { gasFor } from "./gasFor.ts";
import { above, boundsOf, type FeeRequest, offerFees, raiseAbove, type Terms } from "./offerFees.ts";

/** An order to send. */
export type SendCommand = Extract<Command, { kind: "send" }>;

/** What signing for an action needs. */
export interface LeaseOptions {
  readonly store: Store;
  /** Nodes to send by. All are asked and most of those that answer have to agree: one may be away or lie. */
  readonly endpoints: readonly Endpoint[];
  readonly signer: Signer;
  readonly chainId: number;
  readonly tell: (input: Input) => void;
}

/** An action's newest bytes, and how far the sender's transactions are by most nodes' word, waiting ones included. */
export interface Leased {
  readonly tx: StoredTransaction;
  readonly chainNonce: number;
  /** The same by the lower word of two that differ. */
  readonly leastNonce: number;
}

/** The newest bytes of `command`'s action; the first time they are signed and stored. */
export async function leaseBytes(options: LeaseOptions, command: SendCommand): Promise<Leased> {
  const { store, signer, chainId, endpoints, tell } = options;
  const { action } = command;
  const named = await askAll(endpoints, (endpoint) => nextNonce(endpoint, signer.address));
  const chainNonce = medianUp(named);
  const leastNonce = Math.min(
    chainNonce,
    Math.max(medianDown(named), await nonceAfterBlocks(store, chainId, signer.address)),
  );
  const known = await newestOf(store.db, action.id);
  if (known !== undefined) return { tx: known, chainNonce, leastNonce };
  const terms = await termsOf(options, command, chainNonce);
  const request = { chainId, sender: signer.address, chainNonce, action: action.id };
  const { fresh, ...tx } = await leaseNonce(store, request, (nonce) => sign(options, command, nonce, terms));
  const note = "nonce and bytes are stored";
  if (fresh) tell({ kind: "effect", action: action.id, state: "signed", note, txHash: tx.hash });
  return { tx, chainNonce, leastNonce };
}

/**
 * The nonce that `leased` waits for and that no bytes of ours have, so that it never comes into a block by itself, or may not where two
 * nodes differ: one that counts too many is not to keep it back. Or the one of an action that has failed and still waits. Undefined
 * where there is none.
 */
export async function holeBelow(options: LeaseOptions, { tx, leastNonce }: Leased): Promise<number | undefined> {
  const hole = await firstHole(options.store, { ...tx, chainNonce: leastNonce });
  if (hole < tx.nonce) return hole;
  const lost = await lostBelow(options.store, tx);
  if (lost.length === 0) return undefined;
  const places = await askAll(options.endpoints, (endpoint) => placeOf(endpoint, tx.sender));
  const mined = medianDown(places.map((place) => place.mined));
  return lost.find((nonce) => nonce >= mined);
}

/**
 * Stores bytes for the nonce `hole`, which is next by most nodes' word, in the place of `leased` behind it. The old ones stay
 * stored and are looked for: should a node have kept them, the council refuses whichever of the two comes second.
 */
export async function leaveHole(
  options: LeaseOptions,
  command: SendCommand,
  leased: Leased,
  hole: number,
): Promise<void> {
  const terms = await termsOf(options, command, leased.chainNonce);
  await moveNonce(options.store, { ...leased.tx, chainNonce: hole }, (nonce) => sign(options, command, nonce, terms));
}

/** Stores bytes for the next nonce in the place of `leased`, whose nonce something else of the sender's used. */
export async function leaveUsed(options: LeaseOptions, command: SendCommand, leased: Leased): Promise<void> {
  const { tx, chainNonce } = leased;
  const terms = await termsOf(options, command, chainNonce);
  await renewNonce(options.store, { ...tx, chainNonce }, (nonce) => sign(options, command, nonce, terms));
}

/** Whether an attack that offers `bid` would come before `leased`, or so near that it might. */
export function isOutbid({ tx }: Leased, bid: Bid): boolean {
  const { maxFeePerGas, maxPriorityFeePerGas } = feesOf(tx.raw);
  return maxPriorityFeePerGas < above(bid.tipWei) || maxFeePerGas < above(bid.maxFeeWei);
}

/**
 * Stores bytes for the same nonce with both fees an eighth higher (RESP-09), or as much more as `bid` asks for, or a block by now.
 * Undefined where even an eighth is more than may be offered; where only the rest is, what may be offered is.
 */
export async function raiseFees(
  options: LeaseOptions,
  command: SendCommand,
  { tx, chainNonce }: Leased,
  bid: Bid = { tipWei: 0n, maxFeeWei: 0n },
): Promise<StoredTransaction | undefined> {
  const request = await feeRequest(options, command, chainNonce);
  const { least, most, gas } = await boundsOf(request);
  const wanted = { ...bid, maxFeeWei: bid.maxFeeWei > least ? bid.maxFeeWei : least };
  const raise = ({ raw }: StoredTransaction) => raiseAbove(feesOf(raw), wanted, most);
  // Of two nodes one may have let itself be offered more than there is.
  const fees = raise(await dearestOf(options, tx)) ?? raise(tx);
  if (fees === undefined) return undefined;
  const signed = await sign(options, command, tx.nonce, { ...fees, gas });
  return storeReplacement(options.store, tx.action, signed);
}

// Bytes that were signed for less since are no measure: nodes that have the dearer ones take nothing below an eighth above these.
async function dearestOf({ store }: LeaseOptions, tx: StoredTransaction): Promise<StoredTransaction> {
  const same = (await listTransactions(store, tx.action)).filter(
    ({ nonce, state }) => nonce === tx.nonce && state === "sent",
  );
  return [tx, ...same].reduce((a, b) => (feesOf(b.raw).maxFeePerGas > feesOf(a.raw).maxFeePerGas ? b : a));
}

/**
 * Stores other bytes for the same nonce where those of `leased`, which every node refuses, offer more than may be offered
 * by now, or less than a block takes: the sender may have paid for something else since, or been sent money. Two of one
 * nonce cannot both come into a block. Whether other bytes are the newest now. Throws SenderUnfunded.
 */
export async function fitFees(options: LeaseOptions, command: SendCommand, leased: Leased): Promise<boolean> {
  const request = await feeRequest(options, command, leased.chainNonce);
  const { maxFeePerGas } = feesOf(leased.tx.raw);
  const { least, most, sure, gas } = await boundsOf(request);
  // What is refused as too dear by one of two is offered for what that one says is there.
  if (sure > 0n && maxFeePerGas > sure) return refit(options, command, leased, request, medianDown);
  const isEnough = parseTransaction(leased.tx.raw).gas! * timesEnough >= gas;
  if (isEnough && maxFeePerGas <= most && maxFeePerGas >= least) return false;
  return refit(options, command, leased, request);
}

/**
 * Stores other bytes for the same nonce where one of two nodes refuses those of `leased` and the sender has less than they offer, by
 * the poorer word of the two. The dearer ones stay with whoever took them. Whether other bytes are the newest now.
 */
export async function fitFunds(options: LeaseOptions, command: SendCommand, leased: Leased): Promise<boolean> {
  const request = await feeRequest(options, command, leased.chainNonce);
  const { sure } = await boundsOf(request);
  if (sure === 0n || feesOf(leased.tx.raw).maxFeePerGas <= sure) return false;
  return refit(options, command, leased, request, medianDown);
}

// Where it was given twice what was estimated, half of that still does.
const timesEnough = 2n;

async function refit(
  options: LeaseOptions,
  command: SendCommand,
  { tx }: Leased,
  request: FeeRequest,
  median?: typeof medianDown<bigint>,
): Promise<boolean> {
  const signed = await sign(options, command, tx.nonce, await offerFees(request, median));
  return (await storeReplacement(options.store, tx.action, signed)).hash !== tx.hash;
}

async function termsOf(options: LeaseOptions, command: SendCommand, chainNonce: number): Promise<Terms> {
  return offerFees(await feeRequest(options, command, chainNonce));
}

function sign(options: LeaseOptions, command: SendCommand, nonce: number, terms: Terms): Promise<Signed> {
  return signCall(options, callOf(command, options.signer), nonce, terms);
}

/** Signs the call `to` with `data` for `nonce` and `terms`. */
export function signCall(
  { signer, chainId }: LeaseOptions,
  { to, data }: Pick<EstimatedCall, "data"> & { readonly to: Address },
  nonce: number,
  { gas, ...fees }: Terms,
): Promise<Signed> {
  return signTransaction({ signer, chainId, to, data, nonce, fees, gas });
}

/** The call that puts the action of `command` in force. */
function callOf(
  { action, approvals }: SendCommand,
  { address: from }: Signer,
): EstimatedCall & { readonly to: Address } {
  if (action.type === "pause")
    return { from, to: action.council, data: encodePauseBySig(toPauseMessage(action), approvals) };
  assertProgram(from, action.program);
  const { breaker, rule, until, evidence, reason } = action;
  return { from, to: breaker, data: encodeSetRule(rule, until, evidence, reason) };
}

/** What signed bytes offer, in wei per gas. */
export function feesOf(raw: Hex): Fees {
  const { maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(raw);
  return { maxFeePerGas, maxPriorityFeePerGas };
}

/** For whom fees are offered where `command` is to be sent. */
export async function feeRequest(options: LeaseOptions, command: SendCommand, chainNonce: number): Promise<FeeRequest> {
  const { store, signer, endpoints, chainId } = options;
  const { action } = command;
  const open = (await listOpenTransactions(store, chainId)).filter(
    (tx) => tx.sender === signer.address && tx.nonce >= chainNonce,
  );
  const actions = new Set([action.id, ...open.map((tx) => tx.action)]);
  const { outbids } = action;
  const call = callOf(command, signer);
  const request = {
    ...{ endpoints, sender: signer.address, openActions: actions.size },
    gasFor: () => gasFor(endpoints, action, call),
  };
  return outbids === undefined ? request : { ...request, outbids };
}
