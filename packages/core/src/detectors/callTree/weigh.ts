import type { Severity } from "../../model/Finding.ts";
import { findActingToken } from "./findActingToken.ts";
import { findAllowances } from "./findAllowances.ts";
import { findChurn } from "./findChurn.ts";
import { findCrushedPool } from "./findCrushedPool.ts";
import { findDisguise } from "./findDisguise.ts";
import { findEmptied } from "./findEmptied.ts";
import { findFalsePool } from "./findFalsePool.ts";
import { findFalsePrice } from "./findFalsePrice.ts";
import { findFlashDeposit } from "./findFlashDeposit.ts";
import { findForcedSpending } from "./findForcedSpending.ts";
import { findForeignCode } from "./findForeignCode.ts";
import { findForeignExit } from "./findForeignExit.ts";
import { findForeignLoan } from "./findForeignLoan.ts";
import { findForgedCallback } from "./findForgedCallback.ts";
import { findHelpers } from "./findHelpers.ts";
import { findHollowPayment } from "./findHollowPayment.ts";
import { findIdentities } from "./findIdentities.ts";
import { findInitialiser, findInnerInitialiser } from "./findInitialiser.ts";
import { findKeptGain, keptGainSign } from "./findKeptGain.ts";
import { findLostReserve } from "./findLostReserve.ts";
import { findOneSidedLoss } from "./findOneSidedLoss.ts";
import { findOutsizedGain } from "./findOutsizedGain.ts";
import { findOverIssue } from "./findOverIssue.ts";
import { findOwnOracle } from "./findOwnOracle.ts";
import { findOwnToken } from "./findOwnToken.ts";
import { findPaidEntry } from "./findPaidEntry.ts";
import { findPoolResync } from "./findPoolResync.ts";
import { findReentry } from "./findReentry.ts";
import { findRelayedSpending } from "./findRelayedSpending.ts";
import { findRepetition } from "./findRepetition.ts";
import { findRoundTrips } from "./findRoundTrips.ts";
import { findSelfAppointment } from "./findSelfAppointment.ts";
import { findSelfTransfer } from "./findSelfTransfer.ts";
import { findSiblings } from "./findSiblings.ts";
import { findStaleRead } from "./findStaleRead.ts";
import { findThirdParty } from "./findThirdParty.ts";
import { findToldAmount } from "./findToldAmount.ts";
import { findUnpaidIssue, measured } from "./findUnpaidIssue.ts";
import { findUnpaidMint } from "./findUnpaidMint.ts";
import { findVanishing } from "./findVanishing.ts";
import { findVoidSignature } from "./findVoidSignature.ts";
import type { Sign, SignName } from "./Sign.ts";
import { hasGained, type Story } from "./Story.ts";

// From here on a transaction is worth the search for an initialiser among its calls, which costs hashes.
const suspect = 1.5;

/** All signs of a transaction. */
export function signsOf(story: Story): readonly Sign[] {
  const signs = plainSignsOf(story);
  if (weightOf(story, signs) < suspect || signs.some((s) => s.name === "initialiser")) return signs;
  const inner = findInnerInitialiser(story);
  return inner === undefined ? signs : [...signs, inner];
}

function plainSignsOf(story: Story): readonly Sign[] {
  const gain = findKeptGain(story);
  const unpaid = gain && findOneSidedLoss(story, gain);
  const hollow = findHollowPayment(story);
  const issued = findUnpaidIssue(story);
  const crushed = gain || issued ? findCrushedPool(story) : undefined;
  const issue = findOverIssue(story, crushed);
  const signs: (Sign | undefined)[] = [
    findThirdParty(story) ?? findRelayedSpending(story),
    findForcedSpending(story),
    findForgedCallback(story),
    findForeignCode(story),
    findForeignLoan(story),
    findForeignExit(story),
    findToldAmount(story) ?? findFalsePool(story),
    findDisguise(story),
    findInitialiser(story),
    findReentry(story) ?? findStaleRead(story),
    findPaidEntry(story),
    hollow,
    findActingToken(story),
    findRoundTrips(story) ?? findFlashDeposit(story),
    ...(gain === undefined
      ? []
      : [
          unpaid,
          keptGainSign(gain),
          findOutsizedGain(story, gain),
          findOwnToken(story, gain),
          // Who was paid what is none got nothing.
          findEmptied(story, gain, [...(unpaid?.victims ?? []), ...(hollow?.victims ?? [])]),
          gain.isTrade && issue === undefined ? undefined : crushed,
          issue,
          findFalsePrice(story, gain),
          findChurn(story, gain),
          findOwnOracle(story),
          findSelfAppointment(story, gain),
          findVoidSignature(story, unpaid?.victims ?? []),
        ]),
    findUnpaidMint(story, gain) ?? (crushed || issued?.weight === measured ? issued : undefined),
    gain === undefined && issued !== undefined && hasGained(story) ? crushed : undefined,
    story.loans.length === 0
      ? undefined
      : { name: "flash-loan", weight: 1, victims: story.loans.map((l) => l.lender), count: story.loans.length },
    findRepetition(story) ?? findSiblings(story),
    ...findHelpers(story),
    findIdentities(story),
    findLostReserve(story) ?? findPoolResync(story),
    findSelfTransfer(story),
    findAllowances(story),
    findVanishing(story),
  ];
  return signs.filter((s) => s !== undefined);
}

// How somebody went about it. Bots, deployers and collectors go about honest things in the same ways.
const circumstances: ReadonlySet<SignName> = new Set([
  "helpers",
  "construction",
  "vanishing",
  "repetition",
  "siblings",
  "round-trip",
]);
const mostOfCircumstances = 2;

/** The sum of the weights; no more than 2 where nothing but circumstances are seen. */
export function weightOf(story: Story, signs: readonly Sign[]): number {
  const sum = signs.reduce((total, { weight }) => total + weight, 0);
  if (sum <= mostOfCircumstances) return sum;
  // A trade harms nobody, whoever lent the money for it; nor does a loan that leaves nothing with whoever took it.
  const isTrade = signs.some(({ name, weight }) => name === "kept-gain" && weight < 1);
  const isLoanIdle = isTrade || !hasGained(story);
  const isLent = signs.some(({ name }) => name === "flash-loan");
  const isCircumstance = ({ name, weight }: Sign) => {
    if (name === "kept-gain") return isTrade;
    if (name === "flash-loan") return isLoanIdle;
    if (name === "flash-deposit") return weight < 2 && (isLoanIdle || !isLent);
    return circumstances.has(name) && weight < 2;
  };
  return signs.every(isCircumstance) ? mostOfCircumstances : sum;
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
