import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import {
  fromBlock,
  isNodeRead,
  keyOfRead,
  type NodeRead,
  type StateAnswer,
  type StateRead,
} from "@testudo/core/model/StateRead";
import { type Source, toBigint, toBytes } from "./parseField.ts";
import { hashOf, questionsOf, type Together, valuesOf } from "./Question.ts";
import type { RpcRefused, RpcUnreachable } from "./RpcError.ts";
import type { Endpoint, RpcAnswer } from "./rpcEndpoint.ts";
import type { SecondOpinion } from "./SecondOpinion.ts";

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
  /** Where several nodes can be asked about live blocks, state is no one node's word (STREAM-19). */
  readonly second?: SecondOpinion;
  /** Answers kept, by block hash and question; the least recently used falls out. Default 50,000. */
  readonly cacheEntries?: number;
  readonly timeoutMs?: number;
}

// A token that an attacker makes for each transaction is another call each time.
const maxLoners = 10_000;

/** Opens a reader over `endpoints`; they are asked in order until one answers. */
export function openStateReader(endpoints: readonly Endpoint[], options: ReaderOptions = {}): StateReader {
  const cache = new Map<string, StateAnswer>();
  const maxEntries = options.cacheEntries ?? 50_000;
  // Nodes that know EIP-1898 but not its flag. They are asked by hash alone, never by number.
  const withoutFlag = new WeakSet<Endpoint>();
  // Nodes that do not replace code for a call: there everything is asked for by itself.
  const without = { slots: makeDoubt(), calls: makeDoubt() };
  // Calls that told nothing when they were made with others: they fail, or need much. Each goes by itself from then on.
  const loners = new Set<string>();
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
    const agreed = await options.second?.read(ref, reads, (endpoint, some, { alone }) =>
      alone ? ask(endpoint, ref, some, () => false) : ask(endpoint, ref, some),
    );
    if (agreed !== undefined) return agreed;
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
    mayJoin = (together: Together, read: NodeRead) =>
      !without[together].has(endpoint) && !loners.has(whateverBlock(read)),
  ): Promise<StateAnswer[]> {
    const canonical = !withoutFlag.has(endpoint);
    const questions = questionsOf(ref, reads, mayJoin);
    const calls = questions.map(({ hash, toCall }) => toCall(blockNamed(hash, canonical)));
    const answers = await endpoint.batch(
      calls,
      options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs },
    );
    // Of several reads in one call it is not known which part of the question was refused.
    if (canonical && answers.some((answer, i) => questions[i]!.together === undefined && refusesFlag(answer))) {
      withoutFlag.add(endpoint);
      return ask(endpoint, ref, reads, mayJoin);
    }
    const found = new Map<NodeRead, StateAnswer>();
    const untold: NodeRead[] = [];
    const refused = new Map<Together, RpcAnswer>();
    for (const [i, question] of questions.entries()) {
      if (question.together === undefined) {
        const read = question.reads[0]!;
        found.set(read, toAnswer(answers[i]!, read, question.hash, endpoint));
        continue;
      }
      const values = valuesOf(answers[i]!, question);
      if (values === undefined) refused.set(question.together, answers[i]!);
      else without[question.together].clear(endpoint);
      for (const [k, read] of question.reads.entries()) {
        const value = values?.[k];
        if (value === undefined) untold.push(read);
        else found.set(read, { ok: true, value });
        if (values !== undefined && value === undefined) setApart(read);
      }
    }
    if (untold.length > 0) {
      const alone = await ask(endpoint, ref, untold, () => false);
      // It has the state and did not tell it: not because of the block, nor of how the block was named.
      if (canonical === !withoutFlag.has(endpoint))
        for (const [together, answer] of refused) without[together].add(endpoint, isCertain(answer));
      for (const [k, answer] of alone.entries()) found.set(untold[k]!, answer);
    }
    return reads.map((read) => found.get(read)!);
  }

  function setApart(read: NodeRead): void {
    if (loners.size >= maxLoners) loners.clear();
    loners.add(whateverBlock(read));
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
      const told = () => reads.map(({ at }, i) => fromBlock(at, found[i]!));
      if (open.length === 0) return told();
      const answers = await askAny(
        ref,
        open.map(([, read]) => read),
      );
      for (const [k, [i]] of open.entries()) {
        found[i] = answers[k]!;
        keep(keys[i]!, answers[k]!);
      }
      return told();
    },
  };
}

// As often a node may refuse what it could do: for want of time, or of a block that it does not have yet.
const mostRefusals = 3;
// Then it is tried again: blocks of before 2017 cannot run what later ones can, and nodes are updated.
const retryMs = 10 * 60_000;

/** Which nodes cannot do a thing, as far as their refusals tell. */
function makeDoubt() {
  const refusals = new WeakMap<Endpoint, { readonly count: number; readonly atMs: number }>();
  return {
    has(endpoint: Endpoint): boolean {
      const known = refusals.get(endpoint);
      return known !== undefined && known.count >= mostRefusals && Date.now() - known.atMs < retryMs;
    },
    add(endpoint: Endpoint, isCertain: boolean): void {
      const count = isCertain ? mostRefusals : (refusals.get(endpoint)?.count ?? 0) + 1;
      refusals.set(endpoint, { count, atMs: Date.now() });
    },
    clear: (endpoint: Endpoint) => void refusals.delete(endpoint),
  };
}

/** Whether an answer is that of a node that does not know what is asked: it passes over it, or finds it wrong. */
function isCertain(answer: RpcAnswer): boolean {
  return answer.ok || answer.error.code === -32602 || answer.error.code === -32601;
}

const unsupported: StateAnswer = { ok: false, error: "unsupported: there is no fork and no other chain here" };

function blockNamed(blockHash: Hex, requireCanonical: boolean): object {
  return requireCanonical ? { blockHash, requireCanonical } : { blockHash };
}

/** A key of what is asked, at any block. */
function whateverBlock(read: NodeRead): string {
  return keyOfRead({ ...read, at: "block" });
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

// What geth and those who copy it, nethermind, besu and anvil say. A stranger's contract that fails in words which are not here
// would have a node say nothing at all of its block.
const failedRun = new RegExp(
  [
    "revert|out of ?gas|gas required exceeds|gas uint64 overflow|return ?data out of bounds",
    "invalid opcode|invalid jump|stack (under|over)flow|stack limit reached|vm (exception|execution error)|evm error",
  ].join("|"),
  "i",
);

/** Whether the refusal is about the called code and not about the node: code 3, or what nodes say of a failed run. */
function isExecution({ code, said }: RpcRefused): boolean {
  return code === 3 || failedRun.test(said);
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
