// The conditions on a call's values that lead to a comparison, and how far along it a call comes.
import type { ComparisonRecords } from "@testudo/evm/BatchResults";
import {
  codeAt,
  codeWord,
  differenceAt,
  headAt,
  outcomeAt,
  type Path,
  recordWords,
  relationAt,
  type SiteKey,
} from "./Path.ts";
import type { Site } from "./SiteBook.ts";

/** Conditions in their order; the last one is the site's, with the outcome that it never had. */
export interface Way {
  readonly sites: readonly SiteKey[];
  /** What a run that keeps to the way records of each: so two numbers are compared and no operands. */
  readonly heads: Uint32Array;
  readonly codes: Uint32Array;
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

const outcomeBit = 0x80000000;

/** The way that `path` shows; undefined where it does not come to the site, or shows it go the other way. */
export function wayTo(site: Site, { sites, outcomes, records }: Path): Way | undefined {
  const last = sites.indexOf(site.key);
  if (last < 0 || outcomes[last] !== site.outcome) return undefined;
  const heads = Uint32Array.from({ length: last + 1 }, (_, i) => headAt(records, i));
  heads[last] = heads[last]! ^ outcomeBit;
  const codes = Uint32Array.from({ length: last + 1 }, (_, i) => codeAt(records, i));
  return { sites: sites.slice(0, last + 1), heads, codes };
}

/** How many conditions of the way hold before the first that does not, or before the run left it. */
export function heldBy({ heads, codes }: Way, { words, begin, count }: ComparisonRecords): number {
  const most = Math.min(heads.length, count);
  let at = begin;
  for (let i = 0; i < most; i++, at += recordWords)
    if (words[at] !== heads[i] || words[at + codeWord] !== codes[i]) return i;
  return most;
}

/** Whether the condition with this number, up to which all hold, was met on the way, whatever came of it. */
export function isMet({ heads, codes }: Way, records: ComparisonRecords, held: number): boolean {
  if (held >= records.count || held >= heads.length || codeAt(records, held) !== codes[held]) return false;
  return ((headAt(records, held) ^ heads[held]!) & ~outcomeBit) === 0;
}

/** How far the call that recorded these came. */
export function standingOf(way: Way, records: ComparisonRecords): Standing {
  const held = heldBy(way, records);
  if (held === way.heads.length) return { kind: "whole", held };
  if (!isMet(way, records, held)) return { kind: "left", held };
  const wanted = wantedOf(relationAt(records, held), !outcomeAt(records, held));
  return { kind: "broken", held, broken: { difference: differenceAt(records, held), wanted } };
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
