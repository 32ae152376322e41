// Which transactions an incident is about, with the blocks they stand in: read from whichever node has them.

import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import { traceBlocks } from "@testudo/chain/block/traceBlocks";
import { BlockUnknown } from "@testudo/chain/rpc/BlockUnknown";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Block } from "@testudo/chain/wire/parseBlock";
import type { BlockRef, CallFrame, Transaction } from "@testudo/core/model/BlockBundle";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import { z } from "zod";
import { askAny } from "../askNodes.ts";

/** Transactions of one block, in its order, with all that stand before them. */
export interface AttackBlock {
  readonly ref: BlockRef;
  /** The block before it: its end is the state that the first of `txs` met. */
  readonly parent: BlockRef;
  readonly txs: readonly Transaction[];
  readonly earlier: readonly Transaction[];
}

// Findings of an incident may be spread over days. What came last is what a pause is to end.
const blocksMax = 4;
// Without call trees a block's transactions are tried one by one, each reading state from a node.
const untracedMax = 30;
// Of one block: each that is played reads its state from a node, and a pause waits for all of them.
const namedMax = 30;
// Of the receipt: a node may still hold in its pool what it has put into a block already.
const placedSchema = z.object({ blockHash: z.string() });

/** What of many is looked for: by its call tree, and by itself where there is none. */
export interface Wanted {
  readonly isHit: (frame: CallFrame) => boolean;
  readonly isHitOnTop: (tx: Transaction) => boolean;
}

/**
 * The transactions with `hashes`, by block, newest first; at most four blocks. What fell out of the chain is left out. Where a block has
 * very many of them, those that are `wanted` stand for them: whoever attacks can have a thousand others named.
 */
export async function findNamed(
  endpoints: readonly Endpoint[],
  hashes: readonly Hex[],
  wanted?: Wanted,
): Promise<readonly AttackBlock[]> {
  const placed = await (hashes.length <= namedMax ? placeEach(endpoints, hashes) : placeAll(endpoints, hashes));
  const blocks = await findBlocks(endpoints, [...new Set(placed)]);
  const named = new Set<string>(hashes);
  const cuts = await Promise.all(
    blocks.map(async (block) => {
      const own = (block.own.txs ?? []).filter(({ hash }) => named.has(hash));
      const few = own.length <= namedMax || wanted === undefined ? own : await fewOf(endpoints, block, own, wanted);
      const kept = new Set(few);
      return cut(block, (tx) => kept.has(tx));
    }),
  );
  return cuts.flat();
}

/** Of `own`, transactions of `block`, the first of those that are wanted; of none the first. */
async function fewOf(
  endpoints: readonly Endpoint[],
  block: Found,
  own: readonly Transaction[],
  { isHit, isHitOnTop }: Wanted,
): Promise<readonly Transaction[]> {
  const trees = await treesOf(endpoints, block);
  const isWanted = (tx: Transaction) => {
    const tree = trees?.[tx.index];
    return trees === undefined ? isHitOnTop(tx) : tree !== undefined && isHit(tree);
  };
  const hits = own.filter(isWanted);
  return (hits.length > 0 ? hits : own).slice(0, namedMax);
}

async function placeEach(endpoints: readonly Endpoint[], hashes: readonly Hex[]): Promise<readonly Hex[]> {
  const placed = await Promise.all(
    hashes.map((hash) =>
      askAny(endpoints, async (endpoint) => placeIn(await endpoint.request("eth_getTransactionReceipt", [hash]))),
    ),
  );
  return placed.flatMap((hash) => hash ?? []);
}

async function placeAll(endpoints: readonly Endpoint[], hashes: readonly Hex[]): Promise<readonly Hex[]> {
  const calls = hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] }));
  const found = await askAny(endpoints, async (endpoint) => {
    const answers = await endpoint.batch(calls);
    const placed = answers.flatMap((answer) => (answer.ok ? (placeIn(answer.result) ?? []) : []));
    return placed.length === 0 ? undefined : placed;
  });
  return found ?? [];
}

function placeIn(receipt: unknown): Hex | undefined {
  const answer = placedSchema.safeParse(receipt);
  return answer.success ? (toLower(answer.data.blockHash) as Hex) : undefined;
}

/** The transactions of the blocks with `hashes` whose call tree `isHit`; untraced, those that may be. */
export async function findAround(
  endpoints: readonly Endpoint[],
  hashes: readonly Hex[],
  isHit: (frame: CallFrame) => boolean,
  isHitOnTop: (tx: Transaction) => boolean,
): Promise<readonly AttackBlock[]> {
  const found = await findBlocks(endpoints, hashes);
  const cuts = await Promise.all(
    found.map(async (block) => {
      const trees = await treesOf(endpoints, block);
      const { txs = [] } = block.own;
      if (trees !== undefined) return cut(block, ({ index }) => trees[index] !== undefined && isHit(trees[index]));
      return cut(block, (tx) => txs.length <= untracedMax || isHitOnTop(tx));
    }),
  );
  return cuts.flat();
}

function treesOf(endpoints: readonly Endpoint[], { own }: Found): Promise<readonly CallFrame[] | undefined> {
  return askAny(endpoints, async (endpoint) => (await traceBlocks(endpoint, [own]))[0]?.traces).catch(() => undefined);
}

interface Found {
  readonly own: Block;
  readonly parent: BlockRef;
}

async function findBlocks(endpoints: readonly Endpoint[], hashes: readonly Hex[]): Promise<readonly Found[]> {
  const blocks = await Promise.all(hashes.map((hash) => readBlock(endpoints, hash, true)));
  const newest = blocks
    .flatMap((block) => block ?? [])
    .sort((a, b) => (a.ref.number > b.ref.number ? -1 : 1))
    .slice(0, blocksMax);
  const found = await Promise.all(
    newest.map(async (own) => ({ own, parent: (await readBlock(endpoints, own.ref.parentHash, false))?.ref })),
  );
  return found.flatMap(({ own, parent }) => (parent === undefined ? [] : [{ own, parent }]));
}

function readBlock(endpoints: readonly Endpoint[], hash: Hex, withTxs: boolean): Promise<Block | undefined> {
  return askAny(endpoints, (endpoint) =>
    fetchBlock(endpoint, hash, withTxs).catch((error: unknown) => {
      if (error instanceof BlockUnknown) return undefined;
      throw error;
    }),
  );
}

function cut({ own, parent }: Found, isWanted: (tx: Transaction) => boolean): readonly AttackBlock[] {
  const all = own.txs ?? [];
  const txs = all.filter(isWanted);
  const last = txs.at(-1);
  if (last === undefined) return [];
  return [{ ref: own.ref, parent, txs, earlier: all.slice(0, last.index).filter((tx) => !txs.includes(tx)) }];
}
