// The comparisons of one run with their outcomes: the way that it took through the code.
import type { ComparisonRecords } from "@testudo/evm/BatchResults";

/** A comparison in code; the same number for the same place. */
export type SiteKey = number;

export interface Path {
  readonly sites: readonly SiteKey[];
  readonly outcomes: readonly boolean[];
  /** As the engine gave them. */
  readonly records: ComparisonRecords;
}

const op = { lt: 0x10, gt: 0x11, slt: 0x12, sgt: 0x13, eq: 0x14, isZero: 0x15 } as const;

/** What a comparison asks of the difference of its operands, left less right. */
export type Relation = "less" | "greater" | "equal";

/** Numbers of a record, of which the first is its head. */
export const recordWords = 18;
/** Which of them says in what code. */
export const codeWord = 1;
const left = 2;
const right = 10;
const limbs = 8;

/** Reads records that stay as they are only until the next run. */
export function readPath(records: ComparisonRecords): Path {
  const sites: SiteKey[] = [];
  const outcomes: boolean[] = [];
  for (let i = 0; i < records.count; i++) {
    sites.push(siteAt(records, i));
    outcomes.push(outcomeAt(records, i));
  }
  return { sites, outcomes, records };
}

/** A copy that stays. */
export function keepRecords({ words, begin, count }: ComparisonRecords): ComparisonRecords {
  return { words: words.slice(begin, begin + count * recordWords), begin: 0, count };
}

/** Which comparison it was and how it went, as a number that says so within one code. */
export function headAt({ words, begin }: ComparisonRecords, index: number): number {
  return words[begin + index * recordWords]!;
}

export function codeAt({ words, begin }: ComparisonRecords, index: number): number {
  return words[begin + index * recordWords + codeWord]!;
}

export function siteAt(records: ComparisonRecords, index: number): SiteKey {
  return codeAt(records, index) * 2 ** 24 + (headAt(records, index) & 0xffffff);
}

export function outcomeAt(records: ComparisonRecords, index: number): boolean {
  return headAt(records, index) >>> 31 === 1;
}

/** The code's number, and the offset in it. */
export function placeOfSite(site: SiteKey): { code: number; offset: number } {
  return { code: Math.floor(site / 2 ** 24), offset: site % 2 ** 24 };
}

function operationAt(records: ComparisonRecords, index: number): number {
  return (headAt(records, index) >>> 24) & 0x7f;
}

export function relationAt(records: ComparisonRecords, index: number): Relation {
  const code = operationAt(records, index);
  if (code === op.lt || code === op.slt) return "less";
  return code === op.gt || code === op.sgt ? "greater" : "equal";
}

/** Left less right, as signed numbers where the comparison takes them for such. */
export function differenceAt(records: ComparisonRecords, index: number): bigint {
  const code = operationAt(records, index);
  const isSigned = code === op.slt || code === op.sgt;
  const [a, b] = operandsAt(records, index);
  return isSigned ? BigInt.asIntN(256, a) - BigInt.asIntN(256, b) : a - b;
}

export function operandsAt({ words, begin }: ComparisonRecords, index: number): [bigint, bigint] {
  const at = begin + index * recordWords;
  return [wordAt(words, at + left), wordAt(words, at + right)];
}

function wordAt(words: Uint32Array, at: number): bigint {
  let value = 0n;
  let isZero = true;
  for (let limb = limbs - 1; limb >= 0; limb--) {
    const part = words[at + limb]!;
    if (part === 0 && isZero) continue;
    isZero = false;
    value = (value << 32n) | BigInt(part);
  }
  return value;
}
