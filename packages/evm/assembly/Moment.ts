// A moment in the tree of calls of a run, at which the host leaves it for good: the state stands as it is then.

/** The host leaves the run from within: it does not return. */
declare function halt(): void;

export class Moment {
  /** One is awaited. */
  static isAwaited: bool = false;
  static isEnd: bool = false;
  /** Calls that begin before the one that it is about. */
  static before: u32 = 0;
  /** Calls at work from that one on; 0 before it has begun. */
  static open: u32 = 0;
}

/** Halts the next run where the call `order` of its tree, from 0 in the order in which they begin, begins, or where it has ended. */
export function awaitMoment(order: u32, isEnd: bool): void {
  Moment.isAwaited = true;
  Moment.isEnd = isEnd;
  Moment.before = order;
  Moment.open = 0;
}

export function awaitNone(): void {
  Moment.isAwaited = false;
}

/** A call begins: nothing of it is done yet. */
export function meetBegin(): void {
  if (Moment.open > 0) Moment.open++;
  else if (Moment.before > 0) Moment.before--;
  else if (Moment.isEnd) Moment.open = 1;
  else arrive();
}

/** A call has ended: what it did stands, or is taken back. */
export function meetEnd(): void {
  if (Moment.open == 0) return;
  Moment.open--;
  if (Moment.open == 0) arrive();
}

function arrive(): void {
  Moment.isAwaited = false;
  halt();
}
