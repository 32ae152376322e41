// What people say was no attack changes nothing by itself: another person has to accept it, and then it is one input of the next
// calibration. Whoever holds one person's account can mark, and cannot accept what that person marked.
import type { Finding } from "./Finding.ts";
import type { Resolution } from "./FindingStatus.ts";
import type { Review, Verdict } from "./Review.ts";

/** A finding that a person marked as no attack, and what another said of that. */
export interface FalseAlarm {
  readonly finding: Finding;
  readonly resolution: "false-positive" | "benign";
  /** Who marked it, and why. */
  readonly actor: string;
  readonly note: string;
  /** The last review; undefined while it waits for one. */
  readonly review: Review | undefined;
}

/** Whether a resolution says that there was no attack. */
export function isHarmless(resolution: Resolution | undefined): resolution is FalseAlarm["resolution"] {
  return resolution === "false-positive" || resolution === "benign";
}

/** Whether marking `finding` proposes anything: only anomalies are weighed by how rare they are. */
export function isReviewable({ class: cls, prediction }: Pick<Finding, "class" | "prediction">): boolean {
  return cls === "anomaly" && prediction === undefined;
}

/** Whether `finding` was marked as no attack and no calibration takes that in, so that nobody has to review it. */
export function needsNoReview(
  finding: Pick<Finding, "class" | "prediction">,
  resolution: Resolution | undefined,
): boolean {
  return isHarmless(resolution) && !isReviewable(finding);
}

/**
 * Why `actor` may not give `verdict`; undefined where he may. Accepting needs another name than the mark's, once. Refusing is open
 * to all, of what was accepted too, and is final: it can only make a detector hear more.
 */
export function whyNotReviewed(
  mark: { readonly actor: string; readonly verdict: Verdict | undefined },
  { verdict, actor }: { readonly verdict: Verdict; readonly actor: string },
): "no-name" | "same-person" | "accepted-already" | "refused-already" | undefined {
  if (!isSeen(actor)) return "no-name";
  if (mark.verdict === "refused") return "refused-already";
  if (verdict === "refused") return undefined;
  if (mark.verdict === "accepted") return "accepted-already";
  return isSameName(mark.actor, actor) ? "same-person" : undefined;
}

/**
 * Whether two names are one in another spelling, which is no second person: case, width, accents as marks, spaces and what is not seen.
 * Letters of two scripts that look alike are two.
 */
export function isSameName(one: string, other: string): boolean {
  return nameOf(one) === nameOf(other);
}

/** Whether anything of `text` is seen by whoever reads it: a name or a reason of what is not seen is none. */
export function isSeen(text: string): boolean {
  return nameOf(text) !== "";
}

function nameOf(actor: string): string {
  return (
    actor
      .normalize("NFKD")
      // Some letters have two small forms (σ and ς), or a great one that is two (ß), or that is one beside those two (ẞ).
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .replaceAll("ς", "σ")
      // Fillers and blank hieroglyphs count as letters, the empty Braille pattern and note as symbols; none is seen.
      .replace(/[\p{M}\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}\u{13441}\u{13442}\s]/gu, "")
  );
}
