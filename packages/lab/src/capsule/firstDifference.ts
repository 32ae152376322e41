import type { CallFrame, FrameLog } from "@testudo/core/model/BlockBundle";

/**
 * The place where two call trees first part, in the order of execution: the frame by the positions that lead to it, and what
 * in it is not the same: one of its calls, one of its logs, or how it ended.
 */
export interface TreeDifference {
  readonly path: readonly number[];
  readonly at: { readonly call: number } | { readonly log: number } | "start" | "end";
  readonly expected: string;
  readonly got: string;
}

/** The first difference of `got` from `expected`, or undefined. What nodes word differently, such as errors, is not compared. */
export function firstDifference(
  expected: CallFrame,
  got: CallFrame,
  path: readonly number[] = [],
): TreeDifference | undefined {
  const [theirs, ours] = [entryText(expected), entryText(got)];
  if (theirs !== ours) {
    const call = path.at(-1);
    const at = call === undefined ? "start" : { call };
    return { path: path.slice(0, -1), at, expected: theirs, got: ours };
  }
  return differentInside(expected, got, path) ?? differentEnd(expected, got, path);
}

/** A call or a log of a frame, by its number. */
type Event = { readonly call: number } | { readonly log: number };

function differentInside(expected: CallFrame, got: CallFrame, path: readonly number[]): TreeDifference | undefined {
  // A frame that failed has logs at some nodes and none at others.
  const withLogs = expected.error === undefined && got.error === undefined;
  const isOrdered = [...expected.logs, ...got.logs].every((log) => log.position !== undefined);
  const [theirs, ours] = [expected, got].map((frame) => eventsOf(frame, withLogs, isOrdered)) as [Event[], Event[]];
  for (let i = 0; i < Math.max(theirs.length, ours.length); i += 1) {
    const [their, our] = [theirs[i], ours[i]];
    if (their !== undefined && our !== undefined && "call" in their && "call" in our) {
      const inner = firstDifference(expected.calls[their.call]!, got.calls[our.call]!, [...path, our.call]);
      if (inner !== undefined) return inner;
      continue;
    }
    const [expectedText, gotText] = [eventText(expected, their), eventText(got, our)];
    if (expectedText !== gotText) return { path, at: our ?? "end", expected: expectedText, got: gotText };
  }
  return undefined;
}

/** Calls and logs in the order in which they came; logs after all calls where nobody tells. */
function eventsOf({ calls, logs }: CallFrame, withLogs: boolean, isOrdered: boolean): Event[] {
  const events: Event[] = [];
  let log = 0;
  for (let call = 0; call <= calls.length; call += 1) {
    while (withLogs && log < logs.length && (call === calls.length || (isOrdered && logs[log]!.position! <= call))) {
      events.push({ log });
      log += 1;
    }
    if (call < calls.length) events.push({ call });
  }
  return events;
}

function eventText({ calls, logs }: CallFrame, event: Event | undefined): string {
  if (event === undefined) return "no further call or log";
  return "call" in event ? entryText(calls[event.call]!) : logText(logs[event.log]!);
}

function differentEnd(expected: CallFrame, got: CallFrame, path: readonly number[]): TreeDifference | undefined {
  const [theirs, ours] = [endText(expected), endText(got)];
  return theirs === ours ? undefined : { path, at: "end", expected: theirs, got: ours };
}

function entryText(frame: CallFrame): string {
  // Nodes do not agree on where a creation that failed would have stood.
  const isFailedCreation = frame.type.startsWith("CREATE") && frame.error !== undefined;
  const to = isFailedCreation ? "nothing" : frame.to;
  return `${frame.type} of ${to} by ${frame.from} with ${frame.value} wei and ${frame.input}`;
}

function endText({ error, output, type }: CallFrame): string {
  if (error !== undefined) return "a failure";
  return type.startsWith("CREATE") ? "a creation" : `an end with ${output}`;
}

function logText({ topics, data }: FrameLog): string {
  return `log [${topics.join(", ")}] ${data}`;
}
