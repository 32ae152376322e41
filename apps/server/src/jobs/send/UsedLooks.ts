// When nodes are believed that the nonce of bytes is used, by something that is not ours. Between the broadcast and the look for a
// receipt a reorg may take the block away; a stranger's nonce stays used.

/** What one look has shown. */
export interface UsedSaid {
  /** Whether more than half of all nodes say that it is used. */
  readonly isByMost: boolean;
  /** Which of the nodes that answer name a receipt for bytes of ours. */
  readonly namedBy: "none" | "some" | "all";
}

/** The looks at one action's nonce. `sure`: most nodes say so, none says that it was ours; `doubtful`: some say so, for long. */
export interface UsedLooks {
  /** Notes what a look has shown; undefined where it is too early to believe it. */
  note(said: UsedSaid): "sure" | "doubtful" | undefined;
  /** Nobody says so any more. */
  clear(): void;
  /** Other bytes are stored: whoever calls each nonce used has that done ever more seldom. */
  renew(): void;
}

const sureLooks = 5;
const doubtfulLooks = 30;
// A minute, as for prices that nobody takes.
const mostLooks = 60;

/** Makes them for one sending. */
export function makeUsedLooks(): UsedLooks {
  let [sure, doubtful, factor] = [0, 0, 1];
  const clear = (): void => {
    [sure, doubtful] = [0, 0];
  };
  const due = (looks: number): number => Math.min(mostLooks, looks * factor);
  return {
    note({ isByMost, namedBy }) {
      // It is ours that used it, as soon as the others agree on the block.
      if (namedBy === "all") return undefined;
      if (isByMost && namedBy === "none") sure += 1;
      // One of them lies, or is behind; or those that would make it most are away, which may be for ever.
      else doubtful += 1;
      if (sure >= due(sureLooks)) return "sure";
      return doubtful >= due(doubtfulLooks) ? "doubtful" : undefined;
    },
    clear,
    renew() {
      clear();
      factor *= 2;
    },
  };
}
