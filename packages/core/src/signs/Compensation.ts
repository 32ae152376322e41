// What makes a payment out of a protected address honest, told without prices: its own past rates, claims burned for it, and
// the payee's own money put in shortly before. Custom is signs/CustomBook's, a pool's own price signs/Quote's.

import { median, scaledMad } from "../math/median.ts";
import { logRatio, ratioOf } from "../math/ratio.ts";
import type { Asset } from "../model/Asset.ts";
import { native, zeroAddress } from "../model/Asset.ts";
import { netOfGroup } from "../model/AssetFlow.ts";
import { hasCalled } from "../model/CallTree.ts";
import type { Address } from "../model/Hex.ts";
import type { Memory } from "../model/Memory.ts";
import type { MemoryTable } from "../model/MemoryTable.ts";
import { addToRing, ringOf } from "../model/Ring.ts";
import type { StateAnswer, StateRead } from "../model/StateRead.ts";
import type { TxView } from "../model/TxView.ts";
import { amountOf, supplyRead } from "./Holding.ts";

/** Fewer own exchanges than this are no custom. */
const leastExchanges = 8;
/** Exchanges of a pair that are kept. */
const mostRates = 200;
/**
 * Pairs of a holder that are kept; the one longest unused goes, and has no custom until it is used again. Whoever makes tokens
 * to have pairs of their own takes a judged share of a holding for each.
 */
const mostPairs = 512;

/** One asset that a holder gives for another. */
export interface Pair {
  readonly holder: Address;
  readonly out: Asset;
  readonly into: Asset;
}

/**
 * Whether the holder's own code dealt with `asset` in this transaction, as an honest exchange makes it do (it pulls the
 * payment or looks at its balance). A token of the attacker's can claim any balance and emit any event, but it cannot
 * make the holder's code call it. Native value is no token that could lie; without a trace there is no proof, and it is
 * assumed.
 */
export function isDealtInBy(view: TxView, holder: Address, asset: Asset): boolean {
  if (asset === native || view.trace === undefined) return true;
  return hasCalled(view.trace, holder, asset.split(":")[0] as Address);
}

/** Whether nothing shows that `asset`, which a stranger may have made, was dealt in. */
export function isAssumed(view: TxView, asset: Asset): boolean {
  return asset !== native && view.trace === undefined;
}

/** The rate test: `out` of one asset for `into` of another is no worse than the median of the holder's own last 200 exchanges by more than max(2 %, 6 MAD). */
export function isUsualRate(memory: Memory, pair: Pair, out: bigint, into: bigint): boolean {
  const past = (ratesOf(memory, pair) ?? []).map(Number);
  const rate = logRatio(out, into);
  if (past.length < leastExchanges || rate === undefined) return false;
  return rate - median(past)! <= Math.max(0.02, 6 * scaledMad(past)!);
}

/** Adds an exchange to the holder's history. Only exchanges that raised no suspicion belong there. */
export function noteRate(memory: Memory, pair: Pair, out: bigint, into: bigint): void {
  const rate = logRatio(out, into);
  if (rate === undefined) return;
  if (memory.get(earlierKey(pair)) !== undefined) addToRing(memory, earlierKey(pair), rate, mostRates);
  else ratesIn(memory, pair).set(rowOf(pair), [...(ratesOf(memory, pair) ?? []), rate].slice(-mostRates));
}

function ratesOf(memory: Memory, pair: Pair): readonly number[] | undefined {
  return (memory.get(earlierKey(pair)) as readonly number[] | undefined) ?? ratesIn(memory, pair).get(rowOf(pair));
}

function ratesIn(memory: Memory, { holder }: Pair): MemoryTable<readonly number[]> {
  return memory.table<readonly number[]>(`rates:${holder}`, { limit: mostPairs });
}

function rowOf({ out, into }: Pair): string {
  return `${out}|${into}`;
}

/** As it was kept when there was no end of pairs; there come no more of those. */
function earlierKey(pair: Pair): string {
  return `rates:${pair.holder}|${rowOf(pair)}`;
}

/** A claim token of the protected set that this transaction burned: the token and the net burned amount. */
export function burnedClaims(view: TxView, watched: ReadonlySet<Address>): [Address, bigint][] {
  return [...(view.flow().net.get(zeroAddress) ?? [])].flatMap(([asset, amount]) =>
    amount > 0n && watched.has(asset as Address) ? [[asset as Address, amount] as [Address, bigint]] : [],
  );
}

/** Share of all outstanding claims on `holder` that was burned, from `supplyRead` answers at the parent. */
export function claimShare(
  claims: readonly [Address, bigint][],
  holder: Address,
  supplies: ReadonlyMap<Address, bigint>,
): number {
  return claims.reduce(
    (sum, [token, burned]) => sum + (token === holder ? Math.min(1, ratioOf(burned, supplies.get(token) ?? 0n)) : 0),
    0,
  );
}

/** Whether `out` was paid one for one (within 2 %) against claims on `holder` itself, as interest-bearing and wrapped tokens do. */
export function isPaidOneForOne(claims: readonly [Address, bigint][], holder: Address, out: bigint): boolean {
  return claims.some(
    ([token, burned]) => token === holder && out * 100n <= burned * 102n && burned * 100n <= out * 102n,
  );
}

/**
 * The assets that `touched` has less of on balance. Claims redeemed one for one, as of wrapped coins and interest-bearing
 * deposits, are left out: they pay the same at any price, and to whom they belong.
 */
export function unredeemedBy(view: TxView, touched: ReadonlySet<Address>, watched: ReadonlySet<Address>): Asset[] {
  const claims = burnedClaims(view, watched);
  return [...netOfGroup(view.flow(), touched)].flatMap(([asset, n]) =>
    n < 0n && ![...touched].some((holder) => isPaidOneForOne(claims, holder, -n)) ? [asset] : [],
  );
}

export function readSupplies(
  claims: readonly [Address, bigint][],
  readAll: (reads: readonly StateRead[]) => readonly StateAnswer[],
): Map<Address, bigint> {
  const tokens = claims.map(([token]) => token);
  const answers = readAll(tokens.map((t) => supplyRead(t, "parent")));
  return new Map(
    tokens.flatMap((t, i) => {
      const supply = amountOf(answers[i]);
      return supply === undefined ? [] : [[t, supply] as const];
    }),
  );
}

interface Deposit {
  readonly [key: string]: string | number | bigint | readonly string[];
  readonly asset: string;
  readonly amount: bigint;
  readonly block: number;
  readonly actors: readonly string[];
}

/** Notes money that `actors` put into `holder` and took nothing for. */
export function noteDeposit(
  memory: Memory,
  holder: Address,
  asset: Asset,
  amount: bigint,
  block: number,
  actors: readonly Address[],
): void {
  addToRing<Deposit>(memory, `deposits:${holder}`, { asset, amount, block, actors: actors.slice(0, 4) }, 256);
}

/** Takes up to `wanted` of the actors' own recent deposits of `asset` out of the notes and returns how much that was. */
export function takeBack(
  memory: Memory,
  holder: Address,
  asset: Asset,
  wanted: bigint,
  sinceBlock: number,
  actors: ReadonlySet<Address>,
): bigint {
  let left = wanted;
  const kept: Deposit[] = [];
  for (const d of ringOf<Deposit>(memory, `deposits:${holder}`)) {
    const own = d.asset === asset && d.block >= sinceBlock && d.actors.some((a) => actors.has(a as Address));
    const used = own ? (BigInt(d.amount) < left ? BigInt(d.amount) : left) : 0n;
    left -= used;
    if (BigInt(d.amount) > used) kept.push({ ...d, amount: BigInt(d.amount) - used });
  }
  if (left < wanted) memory.set(`deposits:${holder}`, kept);
  return wanted - left;
}
