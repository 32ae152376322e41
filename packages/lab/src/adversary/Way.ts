// The conditions on a call's values that lead to a comparison, and how far along it a call comes.
import { differenceAt, outcomeAt, type Path, relationAt, siteAt } from "./Path.ts";
import type { Site } from "./SiteBook.ts";
import type { Stage } from "./Stage.ts";

/** Conditions in their order; the last one is the site's, with the outcome that it never had. */
export interface Way {
  readonly sites: readonly number[];
  readonly outcomes: readonly boolean[];
}

/** The first condition that does not hold: what its operands differ by, and what they should. */
export interface Broken {
  readonly difference: bigint;
  readonly wanted: "below" | "notBelow" | "above" | "notAbove" | "equal" | "unequal";
}

/** `whole`: the site went the other way. `left`: the run went elsewhere without a comparison. */
export type Standing =
  | { readonly kind: "whole"; readonly held: number }
  | { readonly kind: "left"; readonly held: number }
  | { readonly kind: "broken"; readonly held: number; readonly broken: Broken };

/** The way that `path` shows; undefined where it does not come to the site, or shows it go the other way. */
export function wayTo(site: Site, { sites, outcomes }: Path): Way | undefined {
  const last = sites.indexOf(site.key);
  if (last < 0 || outcomes[last] !== site.outcome) return undefined;
  return {
    sites: sites.slice(0, last + 1),
    outcomes: outcomes.slice(0, last + 1).map((outcome, i) => (i === last ? !outcome : outcome)),
  };
}

/** How far the call with this number in the batch, which kept its comparisons, came. */
export function standingOf({ sites, outcomes }: Way, { batch }: Stage, index: number): Standing {
  const records = batch.comparisons(index);
  for (let held = 0; held < sites.length; held++) {
    if (held >= records.count || siteAt(records, held) !== sites[held]) return { kind: "left", held };
    if (outcomeAt(records, held) === outcomes[held]) continue;
    const wanted = wantedOf(relationAt(records, held), outcomes[held]!);
    return { kind: "broken", held, broken: { difference: differenceAt(records, held), wanted } };
  }
  return { kind: "whole", held: sites.length };
}

function wantedOf(relation: "less" | "greater" | "equal", outcome: boolean): Broken["wanted"] {
  if (relation === "equal") return outcome ? "equal" : "unequal";
  if (relation === "less") return outcome ? "below" : "notBelow";
  return outcome ? "above" : "notAbove";
}

/** Whether `a` comes further: more conditions hold, or the next one is less far off. */
export function isFurther(a: Standing, b: Standing): boolean {
  if (a.held !== b.held) return a.held > b.held;
  if (a.kind !== "broken" || b.kind !== "broken") return a.kind === "broken" && b.kind === "left";
  return size(a.broken.difference) < size(b.broken.difference);
}

const size = (value: bigint): bigint => (value < 0n ? -value : value);
