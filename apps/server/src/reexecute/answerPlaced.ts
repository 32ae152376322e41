// Answers from a block that was executed: between its transactions from what was kept, and between the calls of one by running it again
// up to there. What strangers wrote decides how long that takes, so there is a bound for it.
import type { EvmMoment, EvmRead } from "@testudo/core/model/Evm";
import { type FrameId, isFrameOf } from "@testudo/core/model/FrameId";
import { keyOfRead, type StateAnswer } from "@testudo/core/model/StateRead";
import type { ExecutedBlock } from "./executeBlock.ts";

/**
 * A question about the state before or after the transaction `index`; with `frame`, before or after that call in it.
 */
export interface PlacedRead {
  readonly index: number;
  readonly side: EvmMoment["side"];
  readonly frame?: FrameId;
  readonly read: EvmRead;
}

export interface Answered {
  /** In the order of the questions. One about a call that has no answer here is answered as about its transaction, and so says. */
  readonly answers: readonly StateAnswer[];
  /** Why there was one. */
  readonly why?: string;
}

/** How often transactions of the block were run again, and how long that took. */
export interface Spent {
  runs: number;
  ms: number;
}

/** Asked in one run: a view of a hostile contract may take a twentieth of a second. */
const mostAtOnce = 16;

/** Until when transactions are run again; and for how long, and how often, in all, whoever asks. */
export interface Patience {
  readonly untilMs: number;
  readonly mostMs: number;
  readonly mostRuns: number;
}

/** Answers `reads`. Each moment within a transaction costs at most a run of it, and `patience` bounds all of them. */
export async function answerPlaced(
  made: ExecutedBlock,
  reads: readonly PlacedRead[],
  spent: Spent,
  patience: Patience,
): Promise<Answered> {
  const answers: StateAnswer[] = new Array(reads.length);
  let why: string | undefined;
  const groups = groupsOf(reads);
  for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
    const asked = group.map((i) => reads[i]!);
    const found = await answerGroup(made, asked, spent, patience);
    // What takes too much must not take the others' answers with it.
    if (found === "failed" && group.length > 1) groups.unshift(...group.map((i) => [i]));
    else if (found === "failed") why = "it takes too much to come there and be answered.";
    else if ("why" in found) why = found.why;
    else for (const [k, i] of group.entries()) answers[i] = found.answers[k]!;
  }
  const around = openAround(made);
  for (const [i, one] of reads.entries()) answers[i] ??= await around(one);
  return why === undefined ? { answers } : { answers, why };
}

/** Answers from before or after transactions. What was asked within one many times over is asked there once. */
function openAround({ evm, marks }: ExecutedBlock) {
  const known = new Map<string, StateAnswer>();
  return async ({ index, side, frame, read }: PlacedRead): Promise<StateAnswer> => {
    const at = side === "before" ? index : index + 1;
    const key = `${at} ${keyOfRead({ ...read, at: "block" })}`;
    const answer = known.get(key) ?? (await evm.read(read, marks[at]));
    known.set(key, answer);
    return frame === undefined ? answer : { ...answer, standIn: side === "before" ? "beforeTx" : "afterTx" };
  };
}

/** The places in `reads` of those that are about one moment within a transaction. */
function groupsOf(reads: readonly PlacedRead[]): number[][] {
  const open = new Map<string, number[]>();
  const groups: number[][] = [];
  for (const [i, { index, side, frame }] of reads.entries()) {
    if (frame === undefined) continue;
    const key = `${index} ${side} ${frame.order} ${frame.shape}`;
    let group = open.get(key);
    if (group === undefined || group.length === mostAtOnce) {
      group = [];
      open.set(key, group);
      groups.push(group);
    }
    group.push(i);
  }
  return groups;
}

async function answerGroup(
  { evm, txs, traces, marks }: ExecutedBlock,
  group: readonly PlacedRead[],
  spent: Spent,
  { untilMs, mostMs, mostRuns }: Patience,
): Promise<{ readonly answers: readonly StateAnswer[] } | { readonly why: string } | "failed"> {
  const { index, side, frame } = group[0]!;
  const since = Date.now();
  if (evm.readWithin === undefined) return { why: "the engine for its rules does not stop within a transaction." };
  if (!isFrameOf(traces[index]!, frame!))
    return { why: "the call tree of the node is another than the one made here." };
  if (spent.runs >= mostRuns) return { why: `more than ${mostRuns} moments within its transactions were asked for.` };
  if (since > untilMs || spent.ms > mostMs) return { why: "what is asked within its transactions takes too long." };
  const moment = { order: frame!.order, side };
  const reads = group.map(({ read }) => read);
  const answers = await evm.readWithin(txs[index]!, marks[index]!, moment, reads);
  spent.runs += 1;
  spent.ms += Date.now() - since;
  return answers === undefined ? "failed" : { answers };
}
