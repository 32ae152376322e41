import { askMissing, type MissingFrom, putMissing } from "./fetchMissing.ts";
import type { ForkStage, PutOff, Sequence } from "./openForkStage.ts";

/** State that calls wait for, on its way. */
export interface Supply {
  /** Asks for what the last turn missed, and gives the calls for which what the turn before it missed has come. */
  next(): Promise<readonly Sequence[]>;
  readonly waiting: number;
  readonly missing: number;
  readonly fetches: number;
}

/**
 * Supplies a stage. What is asked for at the end of one turn is put in at the end of the next: the node has that long to answer
 * while calls go on, and when state comes does not depend on how quick it is.
 */
export function openSupply(stage: ForkStage, from: MissingFrom): Supply {
  let asked: { readonly putOff: readonly PutOff[]; readonly isThere: Promise<void> };
  asked = { putOff: [], isThere: Promise.resolve() };
  let [missing, fetches] = [0, 0];
  return {
    async next() {
      const earlier = asked;
      const putOff = stage.takePutOff();
      asked = { putOff, isThere: askMissing(from, putOff) };
      if (earlier.putOff.length === 0) return [];
      fetches++;
      await earlier.isThere;
      const came = await putMissing(from, earlier.putOff);
      missing += earlier.putOff.length - came.length;
      return came;
    },
    get waiting() {
      return asked.putOff.length;
    },
    get missing() {
      return missing;
    },
    get fetches() {
      return fetches;
    },
  };
}
