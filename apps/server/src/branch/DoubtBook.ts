import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { type Doubt, doubtOver, doubtTrouble } from "./troublesOfBranch.ts";

/** Why a branch is not judged as it should be, now. Each reason is told once when it begins and once when it is over. */
export interface DoubtBook {
  raise(doubt: Doubt, why: string): void;
  clear(doubt: Doubt): void;
  /** Takes over what the branch's own stream says of its nodes. */
  note(trouble: StreamTrouble): void;
  clearAll(): void;
}

// With these, blocks of the branch are missed, late, or judged without something. That none comes is no lack.
const blinding: ReadonlySet<string> = new Set<StreamTrouble["trouble"]>([
  "endpoint-down",
  "endpoint-disagrees",
  "block-lag",
  "scope-degraded",
  "state-unread",
]);

/** Makes the book of the branch that `labels` show. */
export function makeDoubtBook(labels: readonly string[], tell: (trouble: StreamTrouble) => void): DoubtBook {
  const open = new Set<Doubt>();
  // One doubt may have several sources, and is over with the last.
  const sources = new Map<string, Doubt>();
  const book: DoubtBook = {
    raise(doubt, why) {
      if (open.has(doubt)) return;
      open.add(doubt);
      tell(doubtTrouble(labels, doubt, why));
    },
    clear(doubt) {
      if (open.delete(doubt)) tell(doubtOver(labels, doubt));
    },
    note(trouble) {
      const { trouble: what, endpoint = "", over, message } = trouble;
      if (what !== "recovered") {
        if (!blinding.has(what)) return;
        sources.set(`${what} ${endpoint}`, what);
        return book.raise(what, `is not judged as it should be: ${message}`);
      }
      for (const [source, doubt] of sources)
        if (over === undefined ? source === `${doubt} ${endpoint}` : source === `${over} ${endpoint}`) {
          sources.delete(source);
          if (![...sources.values()].includes(doubt)) book.clear(doubt);
        }
    },
    clearAll() {
      sources.clear();
      for (const doubt of [...open]) book.clear(doubt);
    },
  };
  return book;
}
