import { principalsOf } from "../model/ActorCluster.ts";
import { type Asset, netOfGroup } from "../model/AssetFlow.ts";
import type { Address } from "../model/Hex.ts";
import type { Memory } from "../model/Memory.ts";
import type { TxView } from "../model/TxView.ts";
import { takeBack } from "./Compensation.ts";
import { type Accounts, assetsOf, confirmedNet, type HoldingsBook, keyOf } from "./HoldingsBook.ts";
import type { Leg } from "./Loss.ts";

/** What dealings of one block have in common. `before` gathers the net of the block so far, by holder and asset. */
export interface Ledger {
  readonly watched: ReadonlySet<Address>;
  readonly memory: Memory;
  readonly book: HoldingsBook;
  readonly accounts: Accounts;
  readonly before: Map<string, bigint>;
  /** Deposits from this block on still count as the depositor's own money. */
  readonly sinceBlock: number;
}

/** One transaction's business with one protected address. */
export interface Dealing {
  readonly view: TxView;
  readonly holder: Address;
  readonly outs: readonly Leg[];
  readonly ins: readonly Leg[];
  /** Net of the block before this transaction, by asset. */
  readonly earlier: ReadonlyMap<Asset, bigint>;
  /** How much of what left the sender had put in itself within the last day, and got nothing for. */
  readonly own: ReadonlyMap<Asset, bigint>;
}

/** The dealing of `view` with `holder`; adds it to the ledger, so transactions must be read in order. */
export function readDealing(ledger: Ledger, view: TxView, holder: Address): Dealing {
  const { book, accounts, before } = ledger;
  const group = netOfGroup(view.flow(), ledger.watched);
  const outs: Leg[] = [];
  const ins: Leg[] = [];
  const earlier = new Map<Asset, bigint>();
  for (const asset of assetsOf(accounts, book, view, holder)) {
    const key = keyOf(holder, asset);
    const holding = book.get(key);
    const net = confirmedNet(accounts, view, holder, asset);
    const past = before.get(key) ?? 0n;
    before.set(key, past + net);
    earlier.set(asset, past);
    // Of an unknown holding no share can be told: what the block brought in before is not all that was there.
    const held = holding?.parent === undefined ? 0n : holding.parent + (past > 0n ? past : 0n);
    const leg = { asset, held, ...(holding?.isCollection === true ? { isCollection: true } : {}) };
    // What only moved between protected addresses has not been lost.
    const groupNet = group.get(asset) ?? 0n;
    const claimed = view.flow().net.get(holder)?.get(asset) ?? 0n;
    const out = net >= 0n ? 0n : net === claimed && -groupNet < -net ? (groupNet < 0n ? -groupNet : 0n) : -net;
    if (out > 0n) outs.push({ ...leg, amount: out });
    else if (net > 0n && asset !== holder) ins.push({ ...leg, amount: net });
  }
  return { view, holder, outs, ins, earlier, own: ownMoney(ledger, view, holder, outs) };
}

/** Taken out of the notes at every withdrawal, however small, so that no deposit speaks twice. */
function ownMoney(
  { memory, sinceBlock }: Ledger,
  view: TxView,
  holder: Address,
  outs: readonly Leg[],
): Map<Asset, bigint> {
  const actors = principalsOf(view);
  return new Map(outs.map((leg) => [leg.asset, takeBack(memory, holder, leg.asset, leg.amount, sinceBlock, actors)]));
}
