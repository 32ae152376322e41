// What the protected addresses held before the block, and what each transaction of the block really moved. Events are
// claims; where state can be read, the difference of two balances outvotes them (ASSET-03, ASSET-04).
import { pushTo } from "../math/pushTo.ts";
import type { Asset } from "../model/Asset.ts";
import { native } from "../model/Asset.ts";
import type { Address } from "../model/Hex.ts";
import { oncePer } from "../model/oncePer.ts";
import type { StateAnswer, StateRead } from "../model/StateRead.ts";
import type { TxView } from "../model/TxView.ts";
import { amountOf, holdingRead } from "./Holding.ts";

/** One protected address and one asset over a block. Amounts in the asset's smallest unit. */
export interface Holding {
  readonly holder: Address;
  readonly asset: Asset;
  /** Held at the parent block; undefined where the token gives no usable answer. */
  readonly parent: bigint | undefined;
  readonly block: bigint | undefined;
  /** An ERC-721 id: `parent` counts the whole collection. */
  readonly isCollection: boolean;
}

/** A transaction that touches protected addresses. */
export interface Touch {
  readonly view: TxView;
  readonly touched: ReadonlySet<Address>;
}

/** Holdings by `keyOf(holder, asset)`. */
export type HoldingsBook = ReadonlyMap<string, Holding>;

export function keyOf(holder: Address, asset: Asset): string {
  return `${holder}|${asset}`;
}

/** The pairs of holder and asset that a block may have changed. Without traces native value moves unseen, so it is always asked for. */
export function pairsOf(touches: readonly Touch[], hasTraces: boolean): Map<string, [Address, Asset]> {
  const pairs = new Map<string, [Address, Asset]>();
  const add = (holder: Address, asset: Asset) => pairs.set(keyOf(holder, asset), [holder, asset]);
  for (const { view, touched } of touches) {
    const flow = view.flow();
    for (const holder of touched) {
      for (const [asset, amount] of flow.net.get(holder) ?? []) if (amount !== 0n) add(holder, asset);
      for (const asset of flow.unbalanced) add(holder, asset);
      if (!hasTraces) add(holder, native);
    }
  }
  return pairs;
}

/** Reads all pairs at the parent and at the block in one round. */
export function readHoldings(
  pairs: Iterable<[Address, Asset]>,
  readAll: (reads: readonly StateRead[]) => readonly StateAnswer[],
): HoldingsBook {
  const list = [...pairs];
  const reads = list.flatMap(([holder, asset]): StateRead[] => [
    holdingRead(asset, holder, "parent"),
    holdingRead(asset, holder, "block"),
    ...(asset.includes(":") ? [holdingRead(asset.split(":")[0]!, holder, "parent")] : []),
  ]);
  const answers = readAll(reads).map(amountOf);
  const book = new Map<string, Holding>();
  let at = 0;
  for (const [holder, asset] of list) {
    const [parent, block] = [answers[at], answers[at + 1]];
    at += 2;
    const counted = asset.includes(":") ? answers[at++] : undefined;
    const isCollection = asset.includes(":") && parent === undefined && counted !== undefined;
    book.set(keyOf(holder, asset), { holder, asset, parent: isCollection ? counted : parent, block, isCollection });
  }
  return book;
}

/** What a block's events claim about one pair, against what its balances say. */
interface Account {
  readonly claimed: bigint;
  /** Balance change less claims; 0n where either balance is unknown or the gap is no contradiction. */
  readonly gap: bigint;
  readonly moved: bigint;
  /** Transactions that may have caused the gap. */
  readonly blamed: ReadonlySet<TxView>;
}

/** Accounts of a block by pair. Built once, so that judging a block costs no more than its movements. */
export type Accounts = ReadonlyMap<string, Account>;

/** Sums the claims of all transactions up and holds them against the balances. */
export function settle(book: HoldingsBook, touches: readonly Touch[]): Accounts {
  const claims = new Map<string, bigint>();
  const suspects = new Map<string, TxView[]>();
  const present = new Map<Address, TxView[]>();
  for (const { view, touched } of touches) {
    const { net, unbalanced } = view.flow();
    for (const holder of touched) {
      pushTo(present, holder, view);
      for (const [asset, amount] of net.get(holder) ?? []) {
        const key = keyOf(holder, asset);
        claims.set(key, (claims.get(key) ?? 0n) + amount);
        if (amount !== 0n && !unbalanced.has(asset)) pushTo(suspects, key, view);
      }
      for (const asset of unbalanced) pushTo(suspects, keyOf(holder, asset), view);
    }
  }
  const accounts = new Map<string, Account>();
  for (const [key, { holder, parent, block, isCollection }] of book) {
    const claimed = claims.get(key) ?? 0n;
    const moved = parent === undefined || block === undefined || isCollection ? claimed : block - parent;
    const gap = isWithin(moved - claimed, claimed, parent ?? 0n) ? 0n : moved - claimed;
    accounts.set(key, { claimed, gap, moved, blamed: new Set(suspects.get(key) ?? present.get(holder)) });
  }
  return accounts;
}

/**
 * What `view` moved of `asset` at `holder`, as far as state confirms it. The gap between the balances and the sum of all
 * claims is laid on the transactions that may have caused it: the more that is missing, the worse for each of them; a
 * claimed loss that did not happen is cut back to what really left.
 */
export function confirmedNet(accounts: Accounts, view: TxView, holder: Address, asset: Asset): bigint {
  const claimed = view.flow().net.get(holder)?.get(asset) ?? 0n;
  const account = accounts.get(keyOf(holder, asset));
  if (account === undefined || account.gap === 0n || !account.blamed.has(view)) return claimed;
  const { gap, moved, blamed } = account;
  if (blamed.size === 1 || gap < 0n) return claimed + gap;
  return claimed < 0n && moved > claimed ? (moved < 0n ? moved : 0n) : claimed;
}

/** The assets of `holder` that `view` moved by its own account or may have moved by the balances'. */
export function assetsOf(accounts: Accounts, book: HoldingsBook, view: TxView, holder: Address): Set<Asset> {
  const { net, unbalanced } = view.flow();
  const assets = new Set<Asset>([...(net.get(holder)?.keys() ?? []), ...unbalanced]);
  for (const key of gapsOf(accounts).get(view) ?? []) {
    const entry = book.get(key)!;
    if (entry.holder === holder) assets.add(entry.asset);
  }
  return assets;
}

/** The pairs with a gap that a transaction may have caused. Each of a thousand asks, and there may be as many pairs. */
const gapsOf = oncePer((accounts: Accounts): ReadonlyMap<TxView, readonly string[]> => {
  const gaps = new Map<TxView, string[]>();
  for (const [key, { gap, blamed }] of accounts) if (gap !== 0n) for (const view of blamed) pushTo(gaps, view, key);
  return gaps;
});

/** Interest and rebases move balances a little in every block; a hundredth of a percent of the holding is no contradiction. */
function isWithin(gap: bigint, claimed: bigint, parent: bigint): boolean {
  const size = gap < 0n ? -gap : gap;
  const sent = claimed < 0n ? -claimed : claimed;
  return size <= 2n || size * 1000n <= sent || size * 10_000n <= parent;
}
