import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import {
  fromBlock,
  isNodeRead,
  isUnavailable,
  keyOfRead,
  type NodeRead,
  type StateAnswer,
  type StateRead,
} from "@testudo/core/model/StateRead";
import type { SecondOpinion } from "../prove/SecondOpinion.ts";
import { askCostly } from "../rpc/askCostly.ts";
import { isExecution } from "../rpc/isExecution.ts";
import { isNodeFault } from "../rpc/isNodeFault.ts";
import { type RpcRefused, RpcTimedOut, type RpcUnreachable } from "../rpc/RpcError.ts";
import type { Endpoint, RpcAnswer } from "../rpc/rpcEndpoint.ts";
import { type Source, toBigint, toBytes } from "../wire/parseField.ts";
import { isCertain, makeDoubt } from "./Doubt.ts";
import { openKeptAnswers } from "./KeptAnswers.ts";
import { makeLonersOf } from "./Loners.ts";
import { hashOf, questionsOf, type Together, valuesOf } from "./Question.ts";
import { maxTogether } from "./readCalls.ts";

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

/** Opens a reader over `endpoints`; they are asked in order until one answers. */
export function openStateReader(endpoints: readonly Endpoint[], options: ReaderOptions = {}): StateReader {
  const kept = openKeptAnswers(options.cacheEntries ?? 50_000);
  // Nodes that know EIP-1898 but not its flag. They are asked by hash alone, never by number.
  const withoutFlag = new WeakSet<Endpoint>();
  // Nodes that do not replace code for a call: there everything is asked for by itself.
  const without = { slots: makeDoubt(), calls: makeDoubt() };
  const loners = makeLonersOf<Endpoint>();
  const askedOnce = new Set<Endpoint>();
  // What of the time for many was left of the newest block.
  const spent = new WeakMap<Endpoint, { readonly hash: Hex; readonly leftMs: number }>();
  let preferred = 0;

  // Calls that may take a node long wait for no others, and no others for them: who has such calls made, and answers at once while
  // honest nodes are still at them, would be the only one to be heard of all the rest.
  async function askAll(ref: BlockRef, reads: readonly NodeRead[]): Promise<StateAnswer[]> {
    const isCostly = costlyAmong();
    const costly = new Set(reads.filter(isCostly));
    const rest = reads.filter((read) => !costly.has(read));
    const apart = costly.size === 0 ? Promise.resolve([]) : askAny(ref, [...costly], true);
    // It is heard below, unless the rest fails.
    apart.catch(() => {});
    const told = rest.length === 0 ? [] : await askAny(ref, rest, false);
    // There is state to be had: that calls are refused then is about them.
    const isStated = told.some((answer) => !isUnavailable(answer));
    const orRefused = (asked: Promise<StateAnswer[]>, count: number) =>
      asked.catch((error: unknown) => {
        if (!isStated || !(error instanceof StateUnavailable || isNodeFault(error))) throw error;
        return new Array<StateAnswer>(count).fill(refusedAlone);
      });
    const found = await orRefused(apart, costly.size);
    const pending = rest.filter((_, i) => isUnavailable(told[i]!));
    const later = pending.length === 0 ? [] : await orRefused(askAny(ref, pending, true), pending.length);
    return inOrder(reads, [[...costly], found], [rest, told], [pending, later]);
  }

  // So for most of those that are asked: one that says so of all there is has none of it asked apart of the others.
  function costlyAmong(): (read: NodeRead) => boolean {
    const each = [...askedOnce].map((endpoint) => loners.of(endpoint).costlyAmong());
    return (read) => each.filter((isCostly) => isCostly(read)).length * 2 > each.length;
  }

  async function askAny(ref: BlockRef, reads: readonly NodeRead[], isCostly: boolean): Promise<StateAnswer[]> {
    const askNode = (endpoint: Endpoint, some: readonly NodeRead[]) =>
      isCostly ? askApart(endpoint, ref, some) : ask(endpoint, ref, some);
    const agreed = await options.second?.read(ref, reads, {
      isCostly,
      ask: (endpoint, some, { alone }) => (alone ? askApart(endpoint, ref, some) : askNode(endpoint, some)),
    });
    if (agreed !== undefined) return agreed;
    let failure: unknown;
    for (let i = 0; i < endpoints.length; i++) {
      const at = (preferred + i) % endpoints.length;
      try {
        const answers = await askNode(endpoints[at]!, reads);
        preferred = at;
        return answers;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** In one request. `untold` is what tells nothing among others, or takes too long by itself. */
  async function ask(endpoint: Endpoint, ref: BlockRef, reads: readonly NodeRead[]): Promise<StateAnswer[]> {
    const own = loners.of(endpoint);
    askedOnce.add(endpoint);
    const left = reads.filter((read) => read.kind !== "call" || typeof (own.paceOf(read) ?? 0) === "number");
    if (left.length < reads.length)
      return inOrder(reads, [left, left.length === 0 ? [] : await ask(endpoint, ref, left)]);
    // What was quick before may not be now.
    const mayJoin: MayJoin = (together, read) => !without[together].has(endpoint) && !own.has(read);
    if (reads.length > mostAtOnce) return askInTurn(endpoint, ref, reads, mayJoin);
    const timeMs = reads.some(own.has) ? Math.min(soonMs, options.timeoutMs ?? endpoint.timeoutMs) : options.timeoutMs;
    try {
      return await askOnce(endpoint, ref, reads, mayJoin, timeMs);
    } catch (error) {
      const single = reads.filter((read) => read.kind === "call" && (own.has(read) || without.calls.has(endpoint)));
      // Many that are slow together, of which none is known to be: those that are not are found among fewer.
      const isOfMany = error instanceof RpcTimedOut && reads.length > maxTogether;
      if (single.length === 0 && isOfMany) return askInTurn(endpoint, ref, reads, mayJoin);
      if (!isOfOne(error) || single.length === 0) throw error;
      for (const read of single) own.setApart(read, "slow");
      return ask(endpoint, ref, reads);
    }
  }

  /**
   * In requests of fewer, one after the other: what has told something before comes first, and what there is no time for is `untold`.
   * One transaction may have a block ask for ten thousand things of a stranger's contracts.
   */
  async function askInTurn(
    endpoint: Endpoint,
    ref: BlockRef,
    reads: readonly NodeRead[],
    mayJoin: MayJoin,
  ): Promise<StateAnswer[]> {
    const own = loners.of(endpoint);
    const isKnown = (read: NodeRead) => read.kind !== "call" || own.hasTold(read);
    const parts = [reads.filter(isKnown), reads.filter((read) => !isKnown(read))].flatMap((all) => portionsOf(all));
    const told: [some: readonly NodeRead[], answers: readonly StateAnswer[]][] = [];
    const untilMs = performance.now() + leftFor(endpoint, ref);
    const failures: unknown[] = [];
    for (const some of parts) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) break;
      try {
        const timeMs = Math.min(leftMs, portionMs, options.timeoutMs ?? endpoint.timeoutMs);
        told.push([some, await askOnce(endpoint, ref, some, mayJoin, timeMs)]);
      } catch (error) {
        failures.push(error);
        // A node that tells nothing of two is at fault itself.
        if (!isOfOne(error) || (told.length === 0 && (failures.length > 1 || parts.length === 1))) throw error;
        for (const read of some) if (read.kind === "call") own.setApart(read, "slow");
      }
    }
    spent.set(endpoint, { hash: ref.hash, leftMs: Math.max(0, untilMs - performance.now()) });
    return inOrder(reads, ...told);
  }

  function leftFor(endpoint: Endpoint, { hash }: BlockRef): number {
    const before = spent.get(endpoint);
    return before?.hash === hash ? before.leftMs : inTurnMs;
  }

  /** Each by itself: those that may take long in a request of their own, the others in one, as long as that is answered soon. */
  async function askApart(endpoint: Endpoint, ref: BlockRef, reads: readonly NodeRead[]): Promise<StateAnswer[]> {
    const own = loners.of(endpoint);
    const isSlow = (read: NodeRead) => own.paceOf(read) === "slow" || own.paceOf(read) === "late";
    const several = own.inTurn(reads.filter((read) => !isSlow(read)));
    const rest = several.slice(0, mostAtOnce);
    // Of more than can be asked soon each is asked for by itself, as long as there is time.
    const slow = [...reads.filter(isSlow), ...several.slice(mostAtOnce)];
    const askRest = async () => {
      if (rest.length === 0) return [];
      const startMs = performance.now();
      try {
        const answers = await askOnce(endpoint, ref, rest, () => false, soonMs);
        for (const read of rest) if (own.has(read)) own.notePace(read, (performance.now() - startMs) / rest.length);
        return answers;
      } catch (error) {
        if (!isOfOne(error)) throw error;
        for (const read of rest) if (read.kind === "call") own.setApart(read, "slow");
        return askEach(endpoint, ref, rest);
      }
    };
    const [apart, together] = await Promise.all([slow.length === 0 ? [] : askEach(endpoint, ref, slow), askRest()]);
    return inOrder(reads, [slow, apart], [rest, together]);
  }

  async function askOnce(
    endpoint: Endpoint,
    ref: BlockRef,
    reads: readonly NodeRead[],
    mayJoin: MayJoin,
    timeoutMs = options.timeoutMs,
  ): Promise<StateAnswer[]> {
    const own = loners.of(endpoint);
    const canonical = !withoutFlag.has(endpoint);
    const questions = questionsOf(ref, reads, mayJoin);
    const calls = questions.map(({ hash, toCall }) => toCall(blockNamed(hash, canonical)));
    const answers = await endpoint.batch(calls, timeoutMs === undefined ? {} : { timeoutMs });
    // Of several reads in one call it is not known which part of the question was refused.
    if (canonical && answers.some((answer, i) => questions[i]!.together === undefined && refusesFlag(answer))) {
      withoutFlag.add(endpoint);
      return askOnce(endpoint, ref, reads, mayJoin, timeoutMs);
    }
    const found = new Map<NodeRead, StateAnswer>();
    const refused: NodeRead[] = [];
    const refusals = new Map<Together, RpcAnswer>();
    for (const [i, question] of questions.entries()) {
      if (question.together === undefined) {
        const read = question.reads[0]!;
        found.set(read, toAnswer(answers[i]!, read, question.hash, endpoint));
        continue;
      }
      const values = valuesOf(answers[i]!, question);
      if (values === undefined) {
        refusals.set(question.together, answers[i]!);
        refused.push(...question.reads);
        continue;
      }
      without[question.together].clear(endpoint);
      for (const [k, read] of question.reads.entries()) {
        const value = values[k];
        if (value === undefined) own.setApart(read, "new");
        found.set(read, value === undefined ? untold : { ok: true, value });
      }
    }
    if (refused.length > 0) {
      const alone = await askOnce(endpoint, ref, refused, () => false, timeoutMs);
      // It has the state and did not tell it: not because of the block, nor of how the block was named.
      if (canonical === !withoutFlag.has(endpoint))
        for (const [together, answer] of refusals) without[together].add(endpoint, isCertain(answer));
      for (const [k, answer] of alone.entries()) found.set(refused[k]!, answer);
    }
    return reads.map((read) => found.get(read)!);
  }

  /** Each in a request of its own. */
  async function askEach(endpoint: Endpoint, ref: BlockRef, reads: readonly NodeRead[]): Promise<StateAnswer[]> {
    const own = loners.of(endpoint);
    const canonical = !withoutFlag.has(endpoint);
    const inTurn = own.inTurn(reads);
    const questions = questionsOf(ref, inTurn, () => false);
    const calls = questions.map(({ hash, toCall }) => toCall(blockNamed(hash, canonical)));
    const told = await askCostly(endpoint, calls);
    if (canonical && told.some(({ answer }) => typeof answer === "object" && refusesFlag(answer))) {
      withoutFlag.add(endpoint);
      return askEach(endpoint, ref, reads);
    }
    const found = new Map<NodeRead, StateAnswer>();
    const stated = new Set(questions.flatMap(({ hash }, i) => (isTold(told[i]!.answer) ? [hash] : [])));
    for (const [i, { hash, reads: asked }] of questions.entries()) {
      const [{ answer, ms }, read] = [told[i]!, asked[0]!];
      // As it has the block's state, it refuses this call alone.
      const isRefused = typeof answer === "object" && read.kind === "call" && !isTold(answer) && stated.has(hash);
      if (typeof answer !== "object") found.set(read, late);
      else found.set(read, isRefused ? refusedAlone : toAnswer(answer, read, hash, endpoint));
      if (!own.has(read)) continue;
      if (answer === "late" || isRefused) own.setApart(read, "late");
      else if (answer !== "cut") own.notePace(read, ms);
    }
    return reads.map((read) => found.get(read)!);
  }

  return {
    async read(ref, reads) {
      // A block's state is the parent state of the next one: the same question, asked once.
      const keys = reads.map((read) =>
        isNodeRead(read) ? keyOfRead({ ...read, at: { hash: hashOf(ref, read) } }) : undefined,
      );
      const found = keys.map((key) => (key === undefined ? unsupported : kept.recall(key)));
      const open = reads.flatMap((read, i): [number, NodeRead][] =>
        found[i] === undefined && isNodeRead(read) ? [[i, read]] : [],
      );
      const told = () => reads.map(({ at }, i) => fromBlock(at, found[i]!));
      if (open.length === 0) return told();
      const answers = await askAll(
        ref,
        open.map(([, read]) => read),
      );
      for (const [k, [i]] of open.entries()) {
        const answer = answers[k]!;
        found[i] = answer;
        if (!isUnavailable(answer)) kept.keep(keys[i]!, answer);
      }
      loners.noteTold(open.flatMap(([, read], k) => (answers[k]!.ok ? [read] : [])));
      return told();
    },
  };
}

/** What a call comes to that told nothing among others, until it is asked for by itself. */
const untold: StateAnswer = { ok: false, error: "unavailable: it told nothing among others" };
const late: StateAnswer = { ok: false, error: "unavailable: the call takes the node too long" };
const refusedAlone: StateAnswer = { ok: false, error: "unavailable: the call is refused by itself" };

const soonMs = 2_000;
// More reads than this are asked for in requests of so many, each of which has its time; all of a block's that do have as much together.
const mostAtOnce = 400;
const portionMs = 3_000;
const inTurnMs = 12_000;

/** Whether a read may go with others of its kind. */
type MayJoin = (together: Together, read: NodeRead) => boolean;

function portionsOf<R>(all: readonly R[]): R[][] {
  const count = Math.ceil(all.length / mostAtOnce);
  return Array.from({ length: count }, (_, i) => all.slice(i * mostAtOnce, (i + 1) * mostAtOnce));
}

/** The answers to `reads` out of those to some of them each, the last where one was answered twice; `untold` for one that was not. */
function inOrder(
  reads: readonly NodeRead[],
  ...parts: readonly (readonly [some: readonly NodeRead[], answers: readonly StateAnswer[]])[]
): StateAnswer[] {
  const found = new Map(parts.flatMap(([some, answers]) => some.map((read, i) => [read, answers[i]!] as const)));
  return reads.map((read) => found.get(read) ?? untold);
}

const unsupported: StateAnswer = { ok: false, error: "unsupported: there is no fork and no other chain here" };

function blockNamed(blockHash: Hex, requireCanonical: boolean): object {
  return requireCanonical ? { blockHash, requireCanonical } : { blockHash };
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

/** Whether of many questions asked at once one may be at fault: it takes the node too long, or is refused. */
function isOfOne(error: unknown): boolean {
  return error instanceof RpcTimedOut || error instanceof StateUnavailable;
}

/** Whether a call was run, whatever came of it. */
function isTold(answer: RpcAnswer | "late" | "cut"): boolean {
  return typeof answer === "object" && (answer.ok || isExecution(answer.error));
}

function revertText({ said, data }: RpcRefused): string {
  return typeof data === "string" && data !== "0x" ? `${said} ${data.slice(0, 1_000)}` : said;
}

function refusesFlag(answer: RpcAnswer): boolean {
  return (
    !answer.ok &&
    // Whoever writes a contract chooses the words of its revert.
    answer.error.code !== 3 &&
    !/execution reverted/i.test(answer.error.said) &&
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
