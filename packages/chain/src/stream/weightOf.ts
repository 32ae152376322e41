import type { BlockBundle, CallFrame } from "@testudo/core/model/BlockBundle";

/** About how many bytes a bundle keeps in memory; the bound of a queue needs no more. */
export function weightOf({ txs, logs, traces }: BlockBundle): number {
  let weight = 500;
  for (const tx of txs) weight += 600 + tx.input.length;
  for (const log of logs) weight += 300 + log.data.length;
  for (const trace of traces ?? []) weight += weightOfFrame(trace);
  return weight;
}

function weightOfFrame(frame: CallFrame): number {
  let weight = 400 + frame.input.length + frame.output.length;
  for (const log of frame.logs) weight += 300 + log.data.length;
  for (const call of frame.calls) weight += weightOfFrame(call);
  return weight;
}
