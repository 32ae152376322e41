import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { keccak256, stringToHex } from "viem/utils";
import { bloomOf } from "../wire/bloomOf.ts";
import type { WireAnswer, WireCall } from "./faultyNode.testkit.ts";

const emitter: Hex = `0x${"ee".repeat(20)}`;

/** A chain in memory that can be reorganised at will. Every block has one transaction with one log. */
export interface FakeChain {
  readonly blocks: readonly BlockRef[];
  /** Number of the block that the tags `safe` and `finalized` name; undefined where the node doesn't know the tags. */
  finalized: number | undefined;
  mine(count: number): void;
  /** Replaces the newest `depth` blocks by `length` others. */
  reorg(depth: number, length: number): void;
  answer(call: WireCall): WireAnswer;
}

/** Makes a chain of `length` blocks, the genesis block included. */
export function makeChain(length: number): FakeChain {
  const blocks: BlockRef[] = [];
  let salt = 0;
  const add = (count: number) => {
    for (let i = 0; i < count; i++) {
      const number = blocks.length;
      const parentHash = blocks.at(-1)?.hash ?? `0x${"00".repeat(32)}`;
      const hash = keccak256(stringToHex(`${parentHash} ${number} ${salt}`));
      blocks.push({ number: BigInt(number), hash, parentHash, timestamp: BigInt(1_000 + number) });
    }
  };
  add(length);
  const chain: FakeChain = {
    blocks,
    finalized: 0,
    mine: add,
    reorg(depth, count) {
      salt += 1;
      blocks.length -= Math.min(depth, blocks.length - 1);
      add(count);
    },
    answer(call) {
      const result = resultOf(chain, call);
      return result === undefined
        ? { jsonrpc: "2.0", id: call.id, error: { code: -32601, message: "Method not found" } }
        : { jsonrpc: "2.0", id: call.id, result };
    },
  };
  return chain;
}

function resultOf(chain: FakeChain, { method, params }: WireCall): unknown {
  const [first, withTxs] = params as [never, boolean];
  switch (method) {
    case "eth_getBlockByNumber":
      return describe(byTag(chain, first), withTxs);
    case "eth_getBlockByHash":
      return describe(byHash(chain, first), withTxs);
    case "eth_getLogs":
      return logsOf(byHash(chain, (first as { blockHash: Hex }).blockHash));
    default:
      return undefined;
  }
}

function byTag({ blocks, finalized }: FakeChain, tag: string): BlockRef | undefined {
  if (tag === "latest") return blocks.at(-1);
  if (tag === "safe" || tag === "finalized") return finalized === undefined ? undefined : blocks[finalized];
  return blocks[Number(tag)];
}

function byHash({ blocks }: FakeChain, hash: Hex): BlockRef | undefined {
  return blocks.find((block) => block.hash === hash);
}

function txHashOf(ref: BlockRef): Hex {
  return keccak256(ref.hash);
}

function logsOf(ref: BlockRef | undefined): unknown[] {
  if (ref === undefined) return [];
  return [
    {
      address: emitter,
      topics: [ref.hash],
      data: "0x01",
      blockHash: ref.hash,
      blockNumber: `0x${ref.number.toString(16)}`,
      transactionHash: txHashOf(ref),
      transactionIndex: "0x0",
      logIndex: "0x0",
      removed: false,
    },
  ];
}

function describe(ref: BlockRef | undefined, withTxs: boolean): unknown {
  if (ref === undefined) return null;
  const log = { address: emitter, topics: [ref.hash], data: "0x01" as Hex, index: 0, txIndex: 0 };
  const tx = {
    hash: txHashOf(ref),
    blockHash: ref.hash,
    transactionIndex: "0x0",
    from: emitter,
    to: emitter,
    value: "0x0",
    input: "0x",
    nonce: "0x0",
  };
  return {
    number: `0x${ref.number.toString(16)}`,
    hash: ref.hash,
    parentHash: ref.parentHash,
    timestamp: `0x${ref.timestamp.toString(16)}`,
    logsBloom: bloomOf([log]),
    transactions: withTxs ? [tx] : [tx.hash],
  };
}
