// The comparisons of one run with their outcomes: the way that it took through the code.
import type { ComparisonRecords } from "@testudo/evm/Batch";

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

const recordWords = 18;
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
export function keepRecords({ words, count }: ComparisonRecords): ComparisonRecords {
  return { words: words.slice(), count };
}

export function siteAt({ words }: ComparisonRecords, index: number): SiteKey {
  const at = index * recordWords;
  return words[at + 1]! * 2 ** 24 + (words[at]! & 0xffffff);
}

/** The code's number, and the offset in it. */
export function placeOfSite(site: SiteKey): { code: number; offset: number } {
  return { code: Math.floor(site / 2 ** 24), offset: site % 2 ** 24 };
}

export function relationAt({ words }: ComparisonRecords, index: number): Relation {
  const code = words[index * recordWords]! >>> 24;
  if (code === op.lt || code === op.slt) return "less";
  return code === op.gt || code === op.sgt ? "greater" : "equal";
}

export function outcomeAt(records: ComparisonRecords, index: number): boolean {
  const { words } = records;
  const at = index * recordWords;
  const code = words[at]! >>> 24;
  const isSigned = code === op.slt || code === op.sgt;
  const order = compare(words, at, isSigned);
  if (code === op.lt || code === op.slt) return order < 0;
  return code === op.gt || code === op.sgt ? order > 0 : order === 0;
}

function compare(words: Uint32Array, at: number, isSigned: boolean): number {
  for (let limb = limbs - 1; limb >= 0; limb--) {
    // The sign bit of the highest limb, turned, orders signed numbers as unsigned ones.
    const turn = isSigned && limb === limbs - 1 ? 0x80000000 : 0;
    const a = (words[at + left + limb]! ^ turn) >>> 0;
    const b = (words[at + right + limb]! ^ turn) >>> 0;
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

/** Left less right, as signed numbers where the comparison takes them for such. */
export function differenceAt(records: ComparisonRecords, index: number): bigint {
  const code = records.words[index * recordWords]! >>> 24;
  const isSigned = code === op.slt || code === op.sgt;
  const [a, b] = operandsAt(records, index);
  return isSigned ? BigInt.asIntN(256, a) - BigInt.asIntN(256, b) : a - b;
}

export function operandsAt({ words }: ComparisonRecords, index: number): [bigint, bigint] {
  const at = index * recordWords;
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
