// What a holder is paid in by custom. Anybody can send a holder tokens that he made for it, by the thousand and for ever, so
// that of each holder a bounded number is kept. What its own code deals with comes first: no stranger's token can make itself
// be called. What falls out is forgotten on the safe side: it pays for nothing until it is customary anew.
import type { Asset } from "../model/Asset.ts";
import type { Address } from "../model/Hex.ts";
import type { Memory } from "../model/Memory.ts";
import type { MemoryTable } from "../model/MemoryTable.ts";

/** What is noted of an asset: the block of its first sight (0 = was held already), whether it went out since, and when this was written. */
type Row = readonly [since: number, hasPaid: boolean, writtenAt: number];

/** Assets that the holder's own code deals with and that came first: nothing pushes them out. */
const mostFirst = 256;
/** Of those the ones of which that is only assumed: whoever makes a block that no node traces in time has strangers' tokens among them. */
const mostAssumed = 128;
/** Further ones, and those that only lie there; of each kind the one longest unseen goes. */
const mostBeyond = 1_024;
const mostLying = 512;
/** New ones of a block beyond the first that are written at all: what would fall out again at once shall cost no time. */
const mostNew = 128;
/**
 * Blocks after which a sight is written again, so that what is in use is not what was longest unseen. So many blocks write fewer new
 * ones than there is room for.
 */
const freshBlocks = { beyond: 6, lying: 600 } as const;

/**
 * Whether `asset` counts as payment to `holder`: it was held before we first saw it come in, or it came in long enough
 * ago and has gone out since. An attacker can air-drop dust of an own token to make it "held"; then it is neither.
 */
export function isCustomary(
  memory: Memory,
  holder: Address,
  asset: Asset,
  block: number,
  afterBlocks: number,
): boolean {
  const [since, hasPaid] = earlierRow(memory, holder, asset) ?? findRow(memory, holder, asset)?.row ?? [];
  if (since === undefined) return false;
  return since === 0 || (since + afterBlocks <= block && hasPaid === true);
}

/** A sight of an asset at a holder. */
export interface CustomSight {
  readonly heldBefore: boolean;
  readonly leaves: boolean;
  /** Whether the holder's own code dealt with it. */
  readonly isDealtIn: boolean;
  /** No call tree shows that it did. */
  readonly isAssumed?: boolean;
}

/** Notes the first sight of `asset` at `holder`, and that it has gone out. */
export function noteCustom(memory: Memory, holder: Address, asset: Asset, block: number, seen: CustomSight): void {
  const earlier = earlierRow(memory, holder, asset);
  if (earlier !== undefined) {
    if (seen.leaves && earlier[0] !== 0 && !earlier[1]) memory.set(`paid:${holder}|${asset}`, block);
    return;
  }
  const found = findRow(memory, holder, asset);
  // Once something was forgotten, what is held may be what somebody had sent and had pushed out again.
  const isHeld = seen.heldBefore && memory.get(`crowded:${holder}`) === undefined;
  const [since, hadPaid, writtenAt] = found?.row ?? ([isHeld ? 0 : block, false, block] as const);
  const hasPaid = hadPaid || (seen.leaves && since !== 0);
  const place = placeOf(memory, holder, found?.place, seen);
  const isSame = place === found?.place && hasPaid === hadPaid;
  if (isSame && (place === "first" || block - writtenAt < freshBlocks[place])) return;
  const rows = rowsIn(memory, holder, place);
  if (place !== found?.place && place !== "first") {
    const isRoom = countNew(memory, holder, block) <= mostNew;
    if (!isRoom || rows.size() >= limits[place]) memory.set(`crowded:${holder}`, true);
    if (!isRoom) return;
  }
  if (found !== undefined && place !== found.place) rowsIn(memory, holder, found.place).delete(asset);
  rows.set(asset, [since, hasPaid, block]);
}

/** How many new ones `holder` has in this block, with this one; no more is counted than has to be. */
function countNew(memory: Memory, holder: Address, block: number): number {
  const [at, before] = (memory.get(`new:${holder}`) ?? [block, 0]) as readonly [number, number];
  const count = at === block ? before + 1 : 1;
  if (count <= mostNew) memory.set(`new:${holder}`, [block, count]);
  return count;
}

const limits = { first: mostFirst, beyond: mostBeyond, lying: mostLying } as const;
type Place = keyof typeof limits;

function rowsIn(memory: Memory, holder: Address, place: Place): MemoryTable<Row> {
  return memory.table<Row>(`custom:${place}:${holder}`, { limit: limits[place] });
}

function findRow(
  memory: Memory,
  holder: Address,
  asset: Asset,
): { readonly place: Place; readonly row: Row } | undefined {
  for (const place of ["first", "beyond", "lying"] as const) {
    const row = rowsIn(memory, holder, place).get(asset);
    if (row !== undefined) return { place, row };
  }
  return undefined;
}

function placeOf(memory: Memory, holder: Address, now: Place | undefined, seen: CustomSight): Place {
  if (now === "first") return now;
  if (!seen.isDealtIn) return now ?? "lying";
  const room = seen.isAssumed ? mostAssumed : mostFirst;
  return rowsIn(memory, holder, "first").size() < room ? "first" : "beyond";
}

/** As it was kept when each asset had cells of its own. There come no more of those, so that they stay what they are. */
function earlierRow(
  memory: Memory,
  holder: Address,
  asset: Asset,
): readonly [since: number, hasPaid: boolean] | undefined {
  const since = memory.get(`since:${holder}|${asset}`);
  return since === undefined ? undefined : [Number(since), memory.get(`paid:${holder}|${asset}`) !== undefined];
}
