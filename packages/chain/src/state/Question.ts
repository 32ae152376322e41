// What goes to a node as one call: a single read, or many of a kind at the same block.
import { groupBy } from "@testudo/core/math/groupBy";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { atBlock, type NodeRead } from "@testudo/core/model/StateRead";
import type { RpcAnswer, RpcCall } from "../rpc/rpcEndpoint.ts";
import { isBuiltIn } from "../wire/isBuiltIn.ts";
import { caller, callsCall, goesTogether, maxTogether, returnsOf } from "./readCalls.ts";
import { slotsCall, wordsOf } from "./readSlots.ts";

type SlotRead = Extract<NodeRead, { kind: "slot" }>;
type CallRead = Extract<NodeRead, { kind: "call" }>;

/** Words of storage, or calls of contracts: what one call can answer many of, where a node replaces code for it. */
export type Together = "slots" | "calls";

/** One call's worth of reads, all at the block `hash`. */
export interface Question {
  readonly hash: Hex;
  readonly reads: readonly NodeRead[];
  /** Undefined for a read by itself. */
  readonly together?: Together;
  /** The JSON-RPC call that asks it, with how it names its block. */
  toCall(block: unknown): RpcCall;
}

/** The block at which `read` is asked, where `ref` is under judgement. */
export function hashOf(ref: BlockRef, read: NodeRead): Hex {
  const at = atBlock(read.at);
  return at === "block" ? ref.hash : at === "parent" ? ref.parentHash : at.hash;
}

/** The questions that ask for each of `reads` once. Only those go together that `mayJoin` lets. */
export function questionsOf(
  ref: BlockRef,
  reads: readonly NodeRead[],
  mayJoin: (together: Together, read: NodeRead) => boolean,
): Question[] {
  const [slots, calls]: [SlotRead[], CallRead[]] = [[], []];
  const questions: Question[] = [];
  for (const read of reads)
    if (read.kind === "slot" && !isBuiltIn(read.address) && mayJoin("slots", read)) slots.push(read);
    else if (read.kind === "call" && goesTogether(read) && mayJoin("calls", read)) calls.push(read);
    else questions.push(alone(hashOf(ref, read), read));
  const ofBlock = (read: NodeRead) => hashOf(ref, read);
  for (const [hash, asked] of groupBy(slots, ofBlock))
    if (asked.length === 1) questions.push(alone(hash, asked[0]!));
    else questions.push({ hash, reads: asked, together: "slots", toCall: (block) => slotsCall(asked, block) });
  for (const [hash, asked] of groupBy(calls, ofBlock))
    for (const some of chunksOf(asked))
      if (some.length === 1) questions.push(alone(hash, some[0]!));
      else questions.push({ hash, reads: some, together: "calls", toCall: (block) => callsCall(some, block) });
  return questions;
}

/** What each read of a question asked together came to; undefined for one that did not tell, undefined for all where none did. */
export function valuesOf(answer: RpcAnswer, { together, reads }: Question): readonly (Hex | undefined)[] | undefined {
  return together === "calls" ? returnsOf(answer, reads.length) : wordsOf(answer, reads.length);
}

function alone(hash: Hex, read: NodeRead): Question {
  return { hash, reads: [read], toCall: (block) => callOf(read, block) };
}

function callOf(read: NodeRead, block: unknown): RpcCall {
  switch (read.kind) {
    case "call":
      return { method: "eth_call", params: [{ from: caller, to: read.to, data: read.data }, block] };
    case "slot":
      return { method: "eth_getStorageAt", params: [read.address, read.slot, block] };
    case "balance":
      return { method: "eth_getBalance", params: [read.address, block] };
    case "code":
      return { method: "eth_getCode", params: [read.address, block] };
  }
}

function chunksOf<R>(all: readonly R[]): R[][] {
  const count = Math.ceil(all.length / maxTogether);
  return Array.from({ length: count }, (_, i) => all.slice(i * maxTogether, (i + 1) * maxTogether));
}
