// What goes to a node as one call: a single read, or many of a kind at the same block.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { NodeRead } from "@testudo/core/model/StateRead";
import { caller, callsCall, goesTogether, maxTogether, returnsOf } from "./readCalls.ts";
import { isBuiltIn, slotsCall, wordsOf } from "./readSlots.ts";
import type { RpcAnswer, RpcCall } from "./rpcEndpoint.ts";

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
export function hashOf(ref: BlockRef, { at }: NodeRead): Hex {
  return at === "block" ? ref.hash : at === "parent" ? ref.parentHash : at.hash;
}

/** The questions that ask for each of `reads` once. Only those go together that `mayJoin` lets. */
export function questionsOf(
  ref: BlockRef,
  reads: readonly NodeRead[],
  mayJoin: (together: Together, read: NodeRead) => boolean,
): Question[] {
  const slots = new Map<Hex, Extract<NodeRead, { kind: "slot" }>[]>();
  const calls = new Map<Hex, Extract<NodeRead, { kind: "call" }>[]>();
  const questions: Question[] = [];
  for (const read of reads) {
    const hash = hashOf(ref, read);
    if (read.kind === "slot" && !isBuiltIn(read.address) && mayJoin("slots", read)) put(slots, hash, read);
    else if (read.kind === "call" && goesTogether(read) && mayJoin("calls", read)) put(calls, hash, read);
    else questions.push(alone(hash, read));
  }
  for (const [hash, asked] of slots)
    if (asked.length === 1) questions.push(alone(hash, asked[0]!));
    else questions.push({ hash, reads: asked, together: "slots", toCall: (block) => slotsCall(asked, block) });
  for (const [hash, asked] of calls)
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

function put<R>(groups: Map<Hex, R[]>, hash: Hex, read: R): void {
  const group = groups.get(hash);
  if (group === undefined) groups.set(hash, [read]);
  else group.push(read);
}

function chunksOf<R>(all: readonly R[]): R[][] {
  const count = Math.ceil(all.length / maxTogether);
  return Array.from({ length: count }, (_, i) => all.slice(i * maxTogether, (i + 1) * maxTogether));
}
