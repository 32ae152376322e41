import type { AlarmEffect } from "../model/Calibration.ts";
import type { Witness } from "./Witness.ts";

/** Who was heard with one threshold and would not be with a higher one. */
export interface Quieted extends Pick<AlarmEffect, "wouldHide" | "wouldHideAll"> {
  /** The first that has to stay, if any. */
  readonly lost: Witness | undefined;
}

const mostNamed = 8;

/** Of `witnesses`, those above `before` and no higher than `after`; attacks first, which have to be read, then by score. */
export function quietedAt(witnesses: readonly Witness[], before: number, after: number): Quieted {
  const quieted = witnesses
    .filter(({ score }) => score > before && score <= after)
    .sort((a, b) => Number(b.mustStay) - Number(a.mustStay) || b.score - a.score);
  return {
    lost: quieted.find(({ mustStay }) => mustStay),
    wouldHide: quieted
      .slice(0, mostNamed)
      .map(({ what, score, finding }) => ({ what, score, ...(finding === undefined ? {} : { finding }) })),
    wouldHideAll: quieted.length,
  };
}

/** Of `witnesses`, what the same detector said of the same contract. */
export function nearTo(
  witnesses: readonly Witness[],
  { detector, subject }: Pick<Witness, "detector" | "subject">,
): readonly Witness[] {
  return witnesses.filter((witness) => witness.detector === detector && witness.subject === subject);
}
