import type { Hex } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";

/**
 * First topics of the logs that detectors of `program` look for inside call frames; undefined where one of them does not
 * say. Scopes do not tell: a tree that one detector needs lies before all.
 */
export function frameLogsOf({ detectors }: Program): readonly Hex[] | undefined {
  const topics = new Set<Hex>();
  for (const { frameLogs } of detectors) {
    if (frameLogs === undefined) return undefined;
    for (const topic of frameLogs) topics.add(topic);
  }
  return [...topics];
}

/** Whether blocks that were fetched for `first` have every log in its frame that `next` looks for there. */
export function hasFrameLogs(first: Program, next: Program): boolean {
  const fetched = frameLogsOf(first);
  if (fetched === undefined) return true;
  return frameLogsOf(next)?.every((topic) => fetched.includes(topic)) === true;
}
