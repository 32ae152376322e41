import { balanceOf, bumpFees, type Fees, suggestFees } from "@testudo/chain/act/sendAction";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Action } from "@testudo/core/model/Action";
import type { Address } from "@testudo/core/model/Hex";
import { formatEther, parseEther } from "viem/utils";
import type { Bid } from "../../preblock/Bids.ts";
import { askAll, medianDown, medianUp } from "../askNodes.ts";

/**
 * The most that one pause offers for its whole gas, in wei. At 360,000 gas for one function it is 2,700 gwei a unit: more
 * than the dearest day of mainnet asked for, and the most that nodes which agree on a lie can make the sender spend.
 */
export const maxFeeWei = parseEther("1");
const leastTipWei = 10_000_000_000n;

/** For whom fees are offered. `openActions`: how many transactions its sender may still have to pay for, this one included. */
export interface FeeRequest {
  readonly endpoints: readonly Endpoint[];
  readonly sender: Address;
  /** How much gas it is given; asked for beside the prices, for a node that hangs takes its time of each question. */
  readonly gasFor: () => Promise<bigint>;
  readonly openActions: number;
  /** What an attack that still waits pays: the offer is more than an eighth above it. */
  readonly outbids?: Action["outbids"];
}

/** Between which prices a transaction makes sense, in wei per gas. */
export interface FeeBounds {
  /** What it has to offer to be taken by the next blocks, by the medians of the nodes. */
  readonly least: bigint;
  /**
   * The most it may offer: no more than `maxFeeWei` for all its gas, and no more than its share of what the sender has, or what a block
   * takes where that is more. An offer above that is refused by every node, for ever.
   */
  readonly most: bigint;
  /** The same where the sender has no more than the poorer word of two says; 0 where no block takes that. */
  readonly sure: bigint;
  /** How much gas it is given. */
  readonly gas: bigint;
}

/** What a transaction offers for each gas, and how much of it there is. */
export interface Terms extends Fees {
  readonly gas: bigint;
}

/** Asks the nodes for the bounds of `request`. */
export async function boundsOf(request: FeeRequest): Promise<FeeBounds> {
  const { endpoints, sender } = request;
  const [balances, suggested, gas] = await Promise.all([
    askAll(endpoints, (endpoint) => balanceOf(endpoint, sender)),
    askAll(endpoints, suggestFees),
    request.gasFor(),
  ]);
  const least = leastOf(suggested, medianUp);
  const [funds, poorer] = [medianUp(balances), medianDown(balances)];
  const needed = leastOf(suggested, medianDown) * gas;
  return {
    least,
    most: mostOf(funds, least * gas, request) / gas,
    sure: poorer < needed ? 0n : mostOf(poorer, needed, request) / gas,
    gas,
  };
}

async function fundsOf({ endpoints, sender }: FeeRequest, median: typeof medianUp<bigint>): Promise<bigint> {
  return median(await askAll(endpoints, (endpoint) => balanceOf(endpoint, sender)));
}

// Shares that are too small for each come to nothing: then one goes out, as cheap as it may be.
function mostOf(funds: bigint, needed: bigint, { openActions }: FeeRequest): bigint {
  return smallest(largest(funds / BigInt(openActions), smallest(needed, funds)), maxFeeWei);
}

// They suggest twice the base fee and a tip.
function leastOf(suggested: readonly Fees[], median: typeof medianUp<bigint>): bigint {
  return above(median(suggested.map((fees) => (fees.maxFeePerGas - fees.maxPriorityFeePerGas) / 2n)));
}

/**
 * Urgent fees, in wei per gas, and the gas that there is, within what may be offered where the sender has what `median` makes of the nodes' words: the medians of
 * what they suggest, with four times the tip. Throws SenderUnfunded where the sender has too little for any block to take it: bytes of
 * such a price are refused for ever.
 */
export async function offerFees(request: FeeRequest, median: typeof medianUp<bigint> = medianUp): Promise<Terms> {
  const [funds, suggested, gas] = await Promise.all([
    fundsOf(request, median),
    askAll(request.endpoints, suggestFees),
    request.gasFor(),
  ]);
  // One of two that names any price is not to keep a pause from being signed.
  const needed = smallest(leastOf(suggested, medianDown) * gas, maxFeeWei);
  if (funds < needed) throw new SenderUnfunded(request.sender, funds, needed);
  const most = mostOf(funds, needed, request) / gas;
  // A pause that comes after the next step of the attack in the same block is late; gas is cheap beside that.
  const tip = medianUp(suggested.map((fees) => fees.maxPriorityFeePerGas)) * 4n;
  const bid = request.outbids ?? { tipWei: 0n, maxFeeWei: 0n };
  const urgent = largest(tip, leastTipWei, above(bid.tipWei));
  // Nodes exist that order by the highest price and not by the tip: it is outbid as well.
  const offer = largest(medianUp(suggested.map((fees) => fees.maxFeePerGas)) + urgent, above(bid.maxFeeWei));
  const maxFeePerGas = offer < most ? offer : most;
  return { maxFeePerGas, maxPriorityFeePerGas: urgent < maxFeePerGas ? urgent : maxFeePerGas, gas };
}

/**
 * Fees with which a transaction takes the place of one that offers `own`: an eighth more at least, and above `bid`; at most
 * `mostWei` for each gas. Undefined where nodes would not take that for a replacement.
 */
export function raiseAbove(own: Fees, bid: Bid, mostWei: bigint): Fees | undefined {
  const least = bumpFees(own);
  const tip = largest(least.maxPriorityFeePerGas, above(bid.tipWei));
  const room = own.maxFeePerGas - own.maxPriorityFeePerGas;
  const offer = largest(least.maxFeePerGas, above(bid.maxFeeWei), tip + room);
  const maxFeePerGas = offer < mostWei ? offer : mostWei;
  const maxPriorityFeePerGas = tip < maxFeePerGas ? tip : maxFeePerGas;
  if (maxFeePerGas < least.maxFeePerGas || maxPriorityFeePerGas < least.maxPriorityFeePerGas) return undefined;
  return { maxFeePerGas, maxPriorityFeePerGas };
}

/** More than an eighth above `wei`: the least by which nodes let a transaction take the place of another (RESP-09), and a wei. */
export function above(wei: bigint): bigint {
  return wei === 0n ? 0n : wei + wei / 8n + 1n;
}

function smallest(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function largest(...amounts: readonly bigint[]): bigint {
  return amounts.reduce((a, b) => (a > b ? a : b));
}

/** The sender cannot pay for its transaction. It may be sent money at any time. */
export class SenderUnfunded extends Error {
  override readonly name = "SenderUnfunded";
  constructor(sender: Address, funds: bigint, needed: bigint) {
    super(
      `the sender ${sender} has ${formatEther(funds)} ether, and a block takes its transaction for ${formatEther(needed)} at least: send it gas money`,
    );
  }
}
