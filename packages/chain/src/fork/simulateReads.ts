// Detectors ask what calls would do as they ask what state is: by a read. A node cannot answer that at a block's hash, a
// fork can. One that cannot be made must not hold the judging of a block back: the detector then judges without it.

import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { within } from "../rpc/within.ts";
import type { StateReader } from "../state/readState.ts";
import type { Fork } from "./forkAt.ts";

type SimulateRead = Extract<StateRead, { kind: "simulate" }>;

// The first run starts a process and reads all it touches from the node.
const defaultLimitMs = 10_000;

/**
 * A reader over `reader` that answers `simulate` from `fork`; everything else goes to `reader`. A run that fails, or takes
 * longer than `limitMs` (default 10 s) for all simulations of a block together, is answered as not ok.
 */
export function simulateReads(reader: StateReader, fork: Fork, limitMs: number = defaultLimitMs): StateReader {
  return {
    async read(ref, reads) {
      const plain = reads.filter((read) => read.kind !== "simulate");
      if (plain.length === reads.length) return reader.read(ref, reads);
      const deadline = performance.now() + limitMs;
      const [answers, runs] = await Promise.all([
        plain.length === 0 ? [] : reader.read(ref, plain),
        tryAll(
          fork,
          ref,
          reads.filter((read): read is SimulateRead => read.kind === "simulate"),
          deadline,
        ),
      ]);
      let [node, run] = [0, 0];
      return reads.map((read) => (read.kind === "simulate" ? runs[run++]! : answers[node++]!));
    },
  };
}

const late: StateAnswer = { ok: false, error: "unavailable: the fork took too long" };

async function tryAll(
  fork: Fork,
  ref: BlockRef,
  reads: readonly SimulateRead[],
  deadline: number,
): Promise<StateAnswer[]> {
  const answers: StateAnswer[] = [];
  for (const read of reads) answers.push((await within(deadline - performance.now(), tryOne(fork, ref, read))) ?? late);
  return answers;
}

async function tryOne(fork: Fork, ref: BlockRef, { calls, slots }: SimulateRead): Promise<StateAnswer> {
  try {
    const { results, words } = await fork.inspect(ref, calls, slots);
    const runs = results.map(({ succeeded, trace }) => ({ succeeded, trace }));
    return { ok: true, value: `0x${words.map((word) => word.slice(2)).join("")}`, runs };
  } catch (error) {
    return {
      ok: false,
      error: `unavailable: ${firstLineOf(error)}`,
    };
  }
}
