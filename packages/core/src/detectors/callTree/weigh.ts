import type { Severity } from "../../model/Finding.ts";
import { findActingToken } from "./findActingToken.ts";
import { findAllowances } from "./findAllowances.ts";
import { findFlashDeposit } from "./findFlashDeposit.ts";
import { findForcedSpending } from "./findForcedSpending.ts";
import { findForgedCallback } from "./findForgedCallback.ts";
import { findHelpers } from "./findHelpers.ts";
import { findInitialiser } from "./findInitialiser.ts";
import { findKeptGain, keptGainSign } from "./findKeptGain.ts";
import { findOneSidedLoss } from "./findOneSidedLoss.ts";
import { findOutsizedGain } from "./findOutsizedGain.ts";
import { findOwnToken } from "./findOwnToken.ts";
import { findPoolResync } from "./findPoolResync.ts";
import { findReentry } from "./findReentry.ts";
import { findRelayedSpending } from "./findRelayedSpending.ts";
import { findRepetition } from "./findRepetition.ts";
import { findRoundTrips } from "./findRoundTrips.ts";
import { findSiblings } from "./findSiblings.ts";
import { findThirdParty } from "./findThirdParty.ts";
import { findVanishing } from "./findVanishing.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/** All signs of a transaction. */
export function signsOf(story: Story): readonly Sign[] {
  const gain = findKeptGain(story);
  const signs: (Sign | undefined)[] = [
    findThirdParty(story) ?? findRelayedSpending(story),
    findForcedSpending(story),
    findForgedCallback(story),
    findInitialiser(story),
    findReentry(story),
    findActingToken(story),
    findRoundTrips(story) ?? findFlashDeposit(story),
    ...(gain === undefined
      ? []
      : [findOneSidedLoss(story, gain), keptGainSign(gain), findOutsizedGain(story, gain), findOwnToken(story, gain)]),
    story.loans.length === 0
      ? undefined
      : { name: "flash-loan", weight: 1, victims: story.loans.map((l) => l.lender), count: story.loans.length },
    findRepetition(story) ?? findSiblings(story),
    ...findHelpers(story),
    findPoolResync(story),
    findAllowances(story),
    findVanishing(story),
  ];
  return signs.filter((s) => s !== undefined);
}

export function weightOf(signs: readonly Sign[]): number {
  return signs.reduce((sum, { weight }) => sum + weight, 0);
}

export function severityOf(weight: number, { critical, high, medium }: Levels): Severity | undefined {
  return weight >= critical ? "critical" : weight >= high ? "high" : weight >= medium ? "medium" : undefined;
}

/** From which weight on a severity is told. */
export interface Levels {
  readonly critical: number;
  readonly high: number;
  readonly medium: number;
}
