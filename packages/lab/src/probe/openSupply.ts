import { askMissing, type MissingFrom, putMissing, type Wanted, wantedBy } from "./fetchMissing.ts";
import type { ForkStage, Sequence } from "./openForkStage.ts";

/** State that calls wait for, on its way. */
export interface Supply {
  /** Asks for what the last turn missed, and gives the calls for which what the turn before it missed has come. */
  next(): Promise<readonly Sequence[]>;
  readonly waiting: number;
  /** Of these, calls that may burn the most. */
  readonly fed: number;
  readonly missing: number;
  readonly fetches: number;
}

/**
 * Supplies a stage. What is asked for at the end of one turn is put in at the end of the next: the node has that long to answer
 * while calls go on, and when state comes does not depend on how quick it is.
 */
export function openSupply(stage: ForkStage, from: MissingFrom): Supply {
  let asked: { readonly wanted: readonly Wanted[]; readonly waiting: number; readonly isThere: Promise<void> };
  asked = { wanted: [], waiting: 0, isThere: Promise.resolve() };
  let [missing, fetches] = [0, 0];
  return {
    async next() {
      const earlier = asked;
      const putOff = stage.takePutOff();
      const wanted = wantedBy(from, putOff);
      asked = { wanted, waiting: putOff.length, isThere: askMissing(from, wanted) };
      if (earlier.wanted.length === 0) return [];
      fetches++;
      await earlier.isThere;
      const came = await putMissing(from, earlier.wanted);
      missing += came.reduce((left, { count }) => left - count, earlier.waiting);
      return came.flatMap(({ putOff }) => putOff);
    },
    get waiting() {
      return asked.waiting;
    },
    get fed() {
      return asked.wanted.flatMap(({ putOff }) => putOff).filter(({ isFed }) => isFed).length;
    },
    get missing() {
      return missing;
    },
    get fetches() {
      return fetches;
    },
  };
}
