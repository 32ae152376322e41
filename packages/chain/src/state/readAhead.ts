// A detector says what it needs to know when it sees a block, so each block of a back-scan would wait for its own round
// trip. But what was asked of one block is mostly asked of the next; so it is fetched for several blocks at once before
// they are judged. A wrong guess costs a node some reads and changes no answer.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { isNodeRead, keyOfRead, type NodeRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import pLimit from "p-limit";
import { hashOf } from "./Question.ts";
import type { StateReader } from "./readState.ts";

/** What was fetched for a block before anybody asked. */
export interface Foresight {
  /** By `keyOfRead`, for reads at the block and at its parent. */
  readonly answers: readonly (readonly [key: string, answer: StateAnswer])[];
  /** To be told which of them were asked for: that is what is fetched ahead for later blocks. */
  used(reads: readonly StateRead[]): void;
}

/** A reader that looks ahead. */
export interface ForeseeingReader extends StateReader {
  /** What is known of `ref` already; undefined when nothing was fetched for it, or not with success. */
  foresee(ref: BlockRef): Promise<Foresight | undefined>;
  /** Whether anything was fetched for `ref`, or is on its way. */
  isForeseen(ref: BlockRef): boolean;
}

const firstBlocks = 4;
const maxBlocks = 64;
// As many as one HTTP request carries.
const maxReads = 100;
// The next blocks' answers come first, and what is far ahead does not keep a node from them.
const requestsAtOnce = 4;
// What one block alone asked for is about its own transactions, and the next will ask for something else.
const habitBlocks = 4;
const habitTimes = 2;

/**
 * A reader over `reader` that fetches ahead for the blocks that `coming` names, next first. It looks further ahead while
 * its guesses are right and halves its reach for each block that did not ask for what was fetched.
 * `reader` has to keep its answers, as `openStateReader` does.
 */
export function readAhead(reader: StateReader, coming: (count: number) => readonly BlockRef[]): ForeseeingReader {
  let reach = firstBlocks;
  let asked: { readonly hash: Hex; readonly reads: Map<string, NodeRead> } | undefined;
  let asksBefore: readonly ReadonlyMap<string, NodeRead>[] = [];
  // Blocks that were fetched for and not judged yet, in their order.
  const fetched = new Map<Hex, Fetched>();
  // What was asked for and is not answered yet, and by which request it will be.
  const underWay = new Map<string, Promise<void>>();
  const inTurn = pLimit(requestsAtOnce);

  function note(ref: BlockRef, reads: readonly StateRead[]): void {
    if (asked?.hash !== ref.hash) {
      if (asked !== undefined) asksBefore = [asked.reads, ...asksBefore].slice(0, habitBlocks);
      asked = { hash: ref.hash, reads: new Map() };
      if (fetched.has(ref.hash)) reach = Math.min(maxBlocks, reach * 2);
      for (const [hash, { number }] of fetched) {
        if (number >= ref.number) continue;
        fetched.delete(hash);
        reach = Math.max(1, Math.floor(reach / 2));
      }
    }
    // What is named by its own hash, to be tried out, or on another chain was asked because of this very block.
    for (const read of reads)
      if (isNodeRead(read) && typeof read.at === "string") asked.reads.set(keyOfRead(read), read);
  }

  function look(from: BlockRef): void {
    const ahead = [...fetched.values()].filter(({ number }) => number > from.number).length;
    // Half a reach at a time: one block at a time would save the waiting but not the round trips.
    if (ahead * 2 > reach) return;
    const reads = habitOf(asked!.reads, asksBefore);
    if (reads.length === 0) return;
    const refs = coming(maxBlocks)
      .filter(({ hash, number }) => number > from.number && !fetched.has(hash))
      .slice(0, reach - ahead);
    const perRequest = Math.max(1, Math.floor(maxReads / reads.length));
    for (let at = 0; at < refs.length; at += perRequest) fetch(refs.slice(at, at + perRequest), reads);
  }

  function fetch(refs: readonly BlockRef[], reads: readonly NodeRead[]): void {
    const wanted = new Map<string, StateRead>();
    // The parent of the first block is mostly the last one of the request before.
    const others = new Set<Promise<void>>();
    for (const ref of refs)
      for (const read of reads) {
        const named = namedAt(ref, read);
        const key = keyOfRead(named);
        const other = underWay.get(key);
        if (other === undefined) wanted.set(key, named);
        else others.add(other);
      }
    const mine = track(
      [...wanted.keys()],
      inTurn(() => reader.read(refs[0]!, [...wanted.values()])),
    );
    const done = Promise.all([mine, ...others]).then(() => {});
    for (const { hash, number } of refs) fetched.set(hash, { number, reads, done });
  }

  /** Notes that the answers to `keys` come with `asking`; resolves when they have, or have failed. */
  function track(keys: readonly string[], asking: Promise<unknown>): Promise<void> {
    const forget = () => {
      for (const key of keys) underWay.delete(key);
    };
    // Whoever needs the answers asks again and is told what is wrong.
    const settled = asking.then(forget, forget);
    for (const key of keys) underWay.set(key, settled);
    return settled;
  }

  function learn(ref: BlockRef, reads: readonly StateRead[]): void {
    note(ref, reads);
    if (asked!.reads.size > 0) look(ref);
    fetched.delete(ref.hash);
  }

  return {
    async read(ref, reads) {
      const mine = fetched.get(ref.hash)?.done;
      const asking = mine ? mine.then(() => reader.read(ref, reads)) : reader.read(ref, reads);
      if (mine === undefined)
        track(
          reads.filter(isNodeRead).map((read) => keyOfRead(namedAt(ref, read))),
          asking,
        );
      learn(ref, reads);
      return asking;
    },
    isForeseen: ({ hash }) => fetched.has(hash),
    async foresee(ref) {
      const mine = fetched.get(ref.hash);
      if (mine === undefined) return undefined;
      await mine.done;
      try {
        const answers = await reader.read(ref, mine.reads);
        return {
          answers: mine.reads.map((read, i) => [keyOfRead(read), answers[i]!] as const),
          used: (reads) => learn(ref, reads),
        };
      } catch {
        // Whoever needs it asks for it, and is told why there is no answer.
        return undefined;
      }
    },
  };
}

/** `read` with its block named by its own hash. */
function namedAt(ref: BlockRef, read: NodeRead): NodeRead {
  return { ...read, at: { hash: hashOf(ref, read) } };
}

/** What of the newest blocks' reads is worth fetching ahead. */
function habitOf(
  now: ReadonlyMap<string, NodeRead>,
  before: readonly ReadonlyMap<string, NodeRead>[],
): readonly NodeRead[] {
  const blocks = [now, ...before];
  const all = [...new Map(blocks.flatMap((reads) => [...reads]))];
  const times = Math.min(habitTimes, before.length);
  return all.filter(([key]) => blocks.filter((reads) => reads.has(key)).length >= times).map(([, read]) => read);
}

interface Fetched {
  readonly number: bigint;
  readonly reads: readonly StateRead[];
  readonly done: Promise<void>;
}
