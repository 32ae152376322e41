import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { isNodeRead, keyOfRead, type NodeRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import { type Source, toBigint, toBytes } from "./parseField.ts";
import type { RpcRefused, RpcUnreachable } from "./RpcError.ts";
import { isBuiltIn, slotsCall, wordsOf } from "./readSlots.ts";
import type { Endpoint, RpcAnswer, RpcCall } from "./rpcEndpoint.ts";

/** Reads state at blocks named by hash, never by number (STREAM-09). */
export interface StateReader {
  /**
   * The answers to `reads`, in their order, for the block `ref` or its parent. A revert is an answer. Throws
   * `RpcUnreachable` when no endpoint answers, and `StateUnavailable` when none has the block's state. What is to be
   * simulated or is on another chain is answered as not ok, see `simulateReads` and `remoteReads`.
   */
  read(ref: BlockRef, reads: readonly StateRead[]): Promise<StateAnswer[]>;
}

export interface ReaderOptions {
  /** Answers kept, by block hash and question; the least recently used falls out. Default 50,000. */
  readonly cacheEntries?: number;
  readonly timeoutMs?: number;
}

/** Opens a reader over `endpoints`; they are asked in order until one answers. */
export function openStateReader(endpoints: readonly Endpoint[], options: ReaderOptions = {}): StateReader {
  const cache = new Map<string, StateAnswer>();
  const maxEntries = options.cacheEntries ?? 50_000;
  // Nodes that know EIP-1898 but not its flag. They are asked by hash alone, never by number.
  const withoutFlag = new WeakSet<Endpoint>();
  // Nodes that do not replace code for a call: they are asked for one word at a time.
  const withoutCode = new WeakSet<Endpoint>();
  let preferred = 0;

  function recall(key: string): StateAnswer | undefined {
    const answer = cache.get(key);
    if (answer === undefined) return undefined;
    cache.delete(key);
    cache.set(key, answer);
    return answer;
  }

  function keep(key: string, answer: StateAnswer): void {
    cache.set(key, answer);
    if (cache.size > maxEntries) cache.delete(cache.keys().next().value!);
  }

  async function askAny(ref: BlockRef, reads: readonly NodeRead[]): Promise<StateAnswer[]> {
    let failure: unknown;
    for (let i = 0; i < endpoints.length; i++) {
      const at = (preferred + i) % endpoints.length;
      try {
        const answers = await ask(endpoints[at]!, ref, reads);
        preferred = at;
        return answers;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async function ask(
    endpoint: Endpoint,
    ref: BlockRef,
    reads: readonly NodeRead[],
    together = !withoutCode.has(endpoint),
  ): Promise<StateAnswer[]> {
    const canonical = !withoutFlag.has(endpoint);
    const questions = questionsOf(ref, reads, together);
    const calls = questions.map((question) => toCall(question, canonical));
    const answers = await endpoint.batch(
      calls,
      options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs },
    );
    // Of several words in one call it is not known which part of the question was refused.
    if (canonical && answers.some((answer, i) => questions[i]!.reads.length === 1 && refusesFlag(answer))) {
      withoutFlag.add(endpoint);
      return ask(endpoint, ref, reads, together);
    }
    const found = new Map<NodeRead, StateAnswer>();
    const untold: NodeRead[] = [];
    for (const [i, { hash, reads: asked }] of questions.entries()) {
      const words = asked.length > 1 ? wordsOf(answers[i]!, asked.length) : undefined;
      if (words !== undefined) for (const [k, read] of asked.entries()) found.set(read, { ok: true, value: words[k]! });
      else if (asked.length > 1) untold.push(...asked);
      else found.set(asked[0]!, toAnswer(answers[i]!, asked[0]!, hash, endpoint));
    }
    if (untold.length > 0) {
      const alone = await ask(endpoint, ref, untold, false);
      // It has the state and did not tell it: not because of the block.
      withoutCode.add(endpoint);
      for (const [k, answer] of alone.entries()) found.set(untold[k]!, answer);
    }
    return reads.map((read) => found.get(read)!);
  }

  return {
    async read(ref, reads) {
      // A block's state is the parent state of the next one: the same question, asked once.
      const keys = reads.map((read) =>
        isNodeRead(read) ? keyOfRead({ ...read, at: { hash: hashOf(ref, read) } }) : undefined,
      );
      const found = keys.map((key) => (key === undefined ? unsupported : recall(key)));
      const open = reads.flatMap((read, i): [number, NodeRead][] =>
        found[i] === undefined && isNodeRead(read) ? [[i, read]] : [],
      );
      if (open.length === 0) return found as StateAnswer[];
      const answers = await askAny(
        ref,
        open.map(([, read]) => read),
      );
      for (const [k, [i]] of open.entries()) {
        found[i] = answers[k]!;
        keep(keys[i]!, answers[k]!);
      }
      return found as StateAnswer[];
    },
  };
}

const unsupported: StateAnswer = { ok: false, error: "unsupported: there is no fork and no other chain here" };

function hashOf(ref: BlockRef, { at }: NodeRead): Hex {
  return at === "block" ? ref.hash : at === "parent" ? ref.parentHash : at.hash;
}

/** What goes as one call: one read, or several words of storage at the same block. */
interface Question {
  readonly hash: Hex;
  readonly reads: readonly NodeRead[];
}

function questionsOf(ref: BlockRef, reads: readonly NodeRead[], together: boolean): Question[] {
  const alone = (read: NodeRead): Question => ({ hash: hashOf(ref, read), reads: [read] });
  if (!together) return reads.map(alone);
  const slots = new Map<Hex, NodeRead[]>();
  const others: Question[] = [];
  for (const read of reads)
    if (read.kind !== "slot" || isBuiltIn(read.address)) others.push(alone(read));
    else slots.set(hashOf(ref, read), [...(slots.get(hashOf(ref, read)) ?? []), read]);
  return [...[...slots].map(([hash, asked]) => ({ hash, reads: asked })), ...others];
}

function toCall({ hash: blockHash, reads }: Question, requireCanonical: boolean): RpcCall {
  const block = requireCanonical ? { blockHash, requireCanonical } : { blockHash };
  const slots = reads.filter((read) => read.kind === "slot");
  if (slots.length > 1) return slotsCall(slots, block);
  const [read] = reads as readonly [NodeRead];
  switch (read.kind) {
    case "call":
      return { method: "eth_call", params: [{ to: read.to, data: read.data }, block] };
    case "slot":
      return { method: "eth_getStorageAt", params: [read.address, read.slot, block] };
    case "balance":
      return { method: "eth_getBalance", params: [read.address, block] };
    case "code":
      return { method: "eth_getCode", params: [read.address, block] };
  }
}

function toAnswer(answer: RpcAnswer, read: NodeRead, blockHash: Hex, endpoint: Endpoint): StateAnswer {
  if (!answer.ok) {
    const { error } = answer;
    if (read.kind === "call" && isExecution(error)) return { ok: false, error: revertText(error) };
    throw new StateUnavailable(endpoint.label, blockHash, error);
  }
  const source: Source = { method: read.kind, endpoint: endpoint.label };
  if (read.kind === "call" || read.kind === "code")
    return { ok: true, value: toBytes(source, "result", answer.result) };
  // Nodes shorten zeros differently: "0x", "0x0" or the full word.
  const value = answer.result === "0x" ? 0n : toBigint(source, "result", answer.result);
  return { ok: true, value: `0x${value.toString(16).padStart(64, "0")}` };
}

/** Whether the refusal is about the called code and not about the node: code 3, or what nodes say of a failed run. */
function isExecution({ code, said }: RpcRefused): boolean {
  return (
    code === 3 ||
    /revert|out of ?gas|invalid opcode|invalid jump|stack (under|over)flow|vm exception|evm error|gas required exceeds/i.test(
      said,
    )
  );
}

function revertText({ said, data }: RpcRefused): string {
  return typeof data === "string" && data !== "0x" ? `${said} ${data.slice(0, 1_000)}` : said;
}

function refusesFlag(answer: RpcAnswer): boolean {
  return (
    !answer.ok &&
    (answer.error.code === -32602 || /requireCanonical|invalid (argument|params)/i.test(answer.error.said))
  );
}

/** No endpoint has the state of the block: it was orphaned, or is older than what the nodes keep. */
export class StateUnavailable extends Error {
  override readonly name = "StateUnavailable";
  constructor(endpoint: string, blockHash: Hex, cause: RpcRefused | RpcUnreachable) {
    super(
      [
        `Node ${endpoint} has no state of block ${blockHash}: ${cause.message}`,
        "- State is read by block hash, on the chain that the node follows now.",
        "- If the block was orphaned a reorg follows; for old blocks name an archive node.",
      ].join("\n"),
      { cause },
    );
  }
}
