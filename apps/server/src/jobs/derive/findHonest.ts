// The honest side of a derived rule: what others did with a contract of late. Whoever attacks may have been among them, and
// he may have crowded the place: so they are taken from all of the time looked at, and few of each sender.
import { findTouching } from "@testudo/chain/block/findTouching";
import type { Endpoint, RpcAnswer } from "@testudo/chain/rpc/rpcEndpoint";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { VictimCall } from "@testudo/lab/patch/victimCalls";
import { z } from "zod";
import { spreadOver } from "./spreadOver.ts";

/** A transaction that stands in a block and succeeded. */
export interface SentTx {
  readonly hash: Hex;
  readonly from: Address;
  readonly to: Address | null;
  readonly input: Hex;
  readonly block: bigint;
}

export interface Honest {
  /** To be recorded with all that they met, in the order of the chain. */
  readonly recorded: readonly SentTx[];
  /** Calls of the contract that are known by their input alone. */
  readonly alsoHonest: readonly VictimCall[];
  /** Who used the contract. */
  readonly uses: readonly SentTx[];
  /** How many senders those of them have that a rule is held against: recorded, or known by their input. */
  readonly senders: number;
  readonly gaps: readonly string[];
}

const parts = 16;
// Two small calls to the node for each.
const lookedAtMost = 400;
// Each is executed by the node again, more than once.
const recordedMost = 24;
const ofOneSender = 2;

const hex = z.string().transform((text) => toLower(text as Hex));
const txSchema = z.object({ hash: hex, from: hex, to: hex.nullable(), input: hex });
// The block is read here: a node may still hold in its pool what it has put into one already.
const receiptSchema = z.object({ status: z.string(), blockNumber: hex });

/** The transactions with `hashes` that stand in a block and succeeded, in the order of the chain. */
export async function fetchSent(endpoint: Endpoint, hashes: readonly Hex[]): Promise<readonly SentTx[]> {
  const txs = await endpoint.batch(hashes.map((hash) => ({ method: "eth_getTransactionByHash", params: [hash] })));
  const receipts = await endpoint.batch(
    hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
  );
  return hashes
    .flatMap((_, i): SentTx[] => {
      const tx = txSchema.safeParse(resultOf(txs[i]!));
      const receipt = receiptSchema.safeParse(resultOf(receipts[i]!));
      if (!tx.success || !receipt.success || BigInt(receipt.data.status) !== 1n) return [];
      return [{ ...tx.data, block: BigInt(receipt.data.blockNumber) }];
    })
    .sort((a, b) => (a.block < b.block ? -1 : a.block > b.block ? 1 : 0));
}

/**
 * What others than the senders of `attack` did with `target` in the `lookBack` blocks up to its last; also by way of the contract
 * that the attack came through, since a router is everybody's.
 */
export async function findHonest(
  endpoint: Endpoint,
  target: Address,
  attack: readonly SentTx[],
  lookBack: number,
): Promise<Honest> {
  const last = attack.at(-1)!.block;
  const from = last > BigInt(lookBack) ? last - BigInt(lookBack) : 0n;
  const { places, gaps } = await findTouching(endpoint, target, from, last);
  const accused = new Set(attack.map((tx) => tx.from));
  const hashes = new Set(attack.map(({ hash }) => hash));
  const others = places.filter(({ hash }) => !hashes.has(hash));
  // Whoever writes logs that name the target takes nobody's place, and is no sender that counts: that costs him nothing but gas.
  const uses = others.filter(({ isUse }) => isUse);
  const used = spreadOver(uses, ({ block }) => block, parts, lookedAtMost);
  const named = others.filter(({ isUse }) => !isUse);
  const looked = [...used, ...spreadOver(named, ({ block }) => block, parts, lookedAtMost - used.length)];
  const isUse = new Set(used.map(({ hash }) => hash));
  const sent = await fetchSent(
    endpoint,
    looked.map(({ hash }) => hash),
  );
  // Who made a contract has not used it.
  const honest = sent.filter((tx) => tx.to !== null && !accused.has(tx.from));
  const recorded = spreadOver(fewOfEach(honest), ({ block }) => block, parts, recordedMost);
  const alsoHonest = honest.flatMap((tx) => (recorded.includes(tx) ? [] : toCall(tx, target)));
  const known = honest.filter(({ hash }) => isUse.has(hash));
  return { recorded, alsoHonest, uses: known, senders: sendersAmong(known, target, recorded), gaps };
}

/** `honest` where only `left` are recorded: of the others what their input tells is known, and no more. */
export function recordedAs(honest: Honest, target: Address, left: readonly SentTx[]): Honest {
  const given = honest.recorded.filter((tx) => !left.includes(tx));
  const alsoHonest = [...honest.alsoHonest, ...given.flatMap((tx) => toCall(tx, target))];
  return { ...honest, recorded: left, alsoHonest, senders: sendersAmong(honest.uses, target, left) };
}

// Who came through a router and is not recorded tells nothing of what he needs.
function sendersAmong(uses: readonly SentTx[], target: Address, recorded: readonly SentTx[]): number {
  const held = uses.filter((tx) => recorded.includes(tx) || toCall(tx, target).length > 0);
  return new Set(held.map(({ from }) => from)).size;
}

/** Of each sender the newest, and the newest of another function. */
function fewOfEach(sent: readonly SentTx[]): readonly SentTx[] {
  const taken = new Map<Address, Set<Hex>>();
  const kept = sent.toReversed().filter(({ from, input }) => {
    const functions = taken.get(from) ?? new Set<Hex>();
    const selector = input.slice(0, 10) as Hex;
    if (functions.size >= ofOneSender || functions.has(selector)) return false;
    taken.set(from, functions.add(selector));
    return true;
  });
  return kept.toReversed();
}

function toCall({ from, to, input, block }: SentTx, target: Address): VictimCall[] {
  if (to !== target || input.length < 10) return [];
  const selector = input.slice(0, 10) as Hex;
  // It has no place in the capsule: it stands before those of its block that do.
  return [{ role: "benign", victim: target, selector, input, caller: from, origin: from, block, index: -1 }];
}

function resultOf(answer: RpcAnswer): unknown {
  if (answer.ok) return answer.result;
  throw answer.error;
}
