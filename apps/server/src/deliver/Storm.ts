// When a channel's messages are folded (DELIV-03). Pure, so that what happens in a storm can be tried without one.

export const windowMs = 60_000;

/** What of a channel's recent past counts. Times in Unix milliseconds. */
export interface Storm {
  /** When messages that could have been folded went out one by one; of the last window. */
  readonly sent: readonly number[];
  /** When the first message was held back for the next digest. */
  readonly since: number | undefined;
}

export const calm: Storm = { sent: [], since: undefined };

/** What to do with what could be folded: let `room` more go one by one, hold it back, or fold it now. */
export type Folding =
  | { readonly kind: "single"; readonly room: number }
  | { readonly kind: "hold"; readonly until: number }
  | { readonly kind: "fold" };

/** What to do at `nowMs` when more than `foldAfter` messages a window are too many; 0 folds never. */
export function decideFolding(storm: Storm, foldAfter: number, nowMs: number): Folding {
  if (foldAfter === 0) return { kind: "single", room: Number.POSITIVE_INFINITY };
  if (storm.since !== undefined) {
    // A clock that was set back must not hold alerts for longer than a window.
    const until = Math.min(storm.since, nowMs) + windowMs;
    return nowMs >= storm.since + windowMs ? { kind: "fold" } : { kind: "hold", until };
  }
  return { kind: "single", room: Math.max(0, foldAfter - within(storm, nowMs).length) };
}

/** After `count` messages went out one by one. */
export function afterSingles(storm: Storm, count: number, nowMs: number): Storm {
  return { ...storm, sent: [...within(storm, nowMs), ...Array.from({ length: count }, () => nowMs)] };
}

/** After a message was held back. */
export function afterHold(storm: Storm, nowMs: number): Storm {
  return { ...storm, since: storm.since ?? nowMs };
}

/** After everything that waited was folded. */
export function afterFold(storm: Storm, nowMs: number): Storm {
  return { sent: within(storm, nowMs), since: undefined };
}

/** After the clock was set back to `nowMs`: what is held counts from then on. */
export function afterSetBack(storm: Storm, nowMs: number): Storm {
  return storm.since === undefined ? storm : { ...storm, since: Math.min(storm.since, nowMs) };
}

function within(storm: Storm, nowMs: number): readonly number[] {
  return storm.sent.filter((at) => at <= nowMs && nowMs - at < windowMs);
}
