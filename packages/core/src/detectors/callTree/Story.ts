// What a call tree tells of one transaction, read once for all signs. Works without logs and without state.
import { type Asset, native, zeroAddress } from "../../model/Asset.ts";
import { type Visit, walk } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { oncePer } from "../../model/oncePer.ts";
import { type Transfer, transfersOf, wrappedNative } from "../../model/Transfer.ts";
import type { TxView } from "../../model/TxView.ts";
import { type FlashLoan, findFlashLoans, flashCallbacks } from "../../signs/FlashLoan.ts";

/** One transaction, seen as actors who deal with outsiders. */
export interface Story {
  readonly view: TxView;
  readonly visits: readonly Visit[];
  /** The visits that may write and lasted. */
  readonly acts: readonly Visit[];
  /** The actor cluster, and in a second reading whom it leads to. */
  readonly actors: ReadonlySet<Address>;
  /** Contracts that came into being in this transaction. */
  readonly made: ReadonlySet<Address>;
  /** Movements of assets, tokens in order. */
  readonly moves: readonly Transfer[];
  /** Net of `moves`: address → asset → signed amount. A wrapped coin counts as the coin. */
  readonly net: ReadonlyMap<Address, ReadonlyMap<Asset, bigint>>;
  /** Flash loans that the actors' own code took. */
  readonly loans: readonly FlashLoan[];
  /** Wrapped coins: they pay out what they are given back, and are nobody's victim. */
  readonly wrapped: ReadonlySet<Asset>;
  /** Calls by the actors' code into outsiders' that may write and lasted. */
  readonly direct: readonly Visit[];
  /** Whose code ran. */
  readonly active: ReadonlySet<Address>;
  /** Who only received and ran no code. */
  readonly purses: ReadonlySet<Address>;
}

/** What is the same whoever the actors are. */
type Facts = Pick<Story, "view" | "visits" | "acts" | "made" | "active"> & { readonly transfers: readonly Transfer[] };

/** Who moved what, as long as `wrapped` are coins. */
type Balances = Pick<Story, "moves" | "net" | "wrapped">;

const factsOf = oncePer((view: TxView): Facts => {
  const visits = walk(view.trace!);
  const { transfers } = transfersOf(view.tx, view.logs, view.trace);
  const [made, active] = [new Set<Address>(), new Set<Address>()];
  for (const visit of visits) {
    if (!visit.reverted && isCreation(visit)) made.add(visit.frame.to);
    if (visit.frame.input !== "0x") active.add(visit.context);
  }
  const acts = visits.filter((v) => !v.reverted && !v.isStatic);
  return { view, visits, acts, made, active, transfers };
});

const balancesOf = oncePer(({ transfers }: Facts): Balances => balancesWith(wrappedIn(transfers), transfers));

function balancesWith(wrapped: ReadonlySet<Asset>, transfers: readonly Transfer[]): Balances {
  const moves = transfers.map((t) => (wrapped.has(t.asset) ? { ...t, asset: native } : t));
  return { moves, net: netOf(moves), wrapped };
}

/** What the actors' own contract gives for a coin is worth what they say it is, however much it looks like wrapping. */
function balancesBeside(actors: ReadonlySet<Address>, facts: Facts): Balances {
  const usual = balancesOf(facts);
  const own = [...actors].filter((a) => usual.wrapped.has(a) && !wrappedNative.has(a));
  if (own.length === 0) return usual;
  return balancesWith(new Set([...usual.wrapped].filter((a) => !own.includes(a as Address))), facts.transfers);
}

/** `view` as the deeds of `actors`. It must have a trace. */
export function storyOf(view: TxView, actors: ReadonlySet<Address>): Story {
  const facts = factsOf(view);
  const { visits, acts, made, active } = facts;
  const { moves, net, wrapped } = balancesBeside(actors, facts);
  const direct = acts.filter(
    (v) => v.parent !== undefined && v.frame.type === "CALL" && actors.has(v.parent.context) && !actors.has(v.context),
  );
  return {
    view,
    visits,
    acts,
    actors,
    made,
    moves,
    net,
    wrapped,
    active,
    loans: loansTo(actors, view, visits, moves),
    direct,
    purses: pursesOf(net, visits, active, actors),
  };
}

/** By what `moves` and `net` know `token`: a wrapped coin is the coin. */
export function assetOf({ wrapped }: Pick<Story, "wrapped">, token: Asset): Asset {
  return wrapped.has(token) ? native : token;
}

export function isCreation({ frame }: Visit): boolean {
  return frame.type === "CREATE" || frame.type === "CREATE2";
}

/** The call of the actors by which control came to the caller of `visit`; the transaction itself where they are not above it. */
export function entryTo(visit: Visit, actors: ReadonlySet<Address>): Visit {
  let entry = visit.parent ?? visit;
  while (entry.parent !== undefined && !actors.has(entry.parent.context)) entry = entry.parent;
  return entry;
}

// Loot goes to few; money that goes to many is handed out. Who got a large part is no one of many, however much dust goes beside it.
const mostPurses = 8;

/** Of many `purses` those that got an eighth or more of what all of them got of an asset. */
function largestOf(purses: readonly Address[], net: Story["net"]): Address[] {
  const total = new Map<Asset, bigint>();
  for (const purse of purses)
    for (const [asset, amount] of net.get(purse)!) total.set(asset, (total.get(asset) ?? 0n) + amount);
  const isLarge = (asset: Asset, amount: bigint) => amount > 0n && amount * BigInt(mostPurses) >= total.get(asset)!;
  return purses.filter((purse) => [...net.get(purse)!].some(([asset, amount]) => isLarge(asset, amount)));
}

function pursesOf(
  net: Story["net"],
  visits: readonly Visit[],
  active: Story["active"],
  actors: ReadonlySet<Address>,
): Set<Address> {
  const tills = tillsOf(visits, actors);
  const isPurse = (a: Address) => a !== zeroAddress && !actors.has(a) && !active.has(a) && !tills.has(a);
  const purses = [...net].flatMap(([a, own]) => (isPurse(a) && [...own.values()].every((n) => n >= 0n) ? [a] : []));
  return new Set(purses.length > mostPurses ? largestOf(purses, net) : purses);
}

/** Where outsiders had the actors' own money brought: that was paid, not put aside. */
function tillsOf(visits: readonly Visit[], actors: ReadonlySet<Address>): Set<Address> {
  const tills = new Set<Address>();
  for (const { frame, selector: name } of visits) {
    if (frame.input.length < 202 || name !== selector.transferFrom || actors.has(frame.from)) continue;
    if (actors.has(`0x${frame.input.slice(34, 74)}`)) tills.add(`0x${frame.input.slice(98, 138)}`);
  }
  return tills;
}

/** Net of the actors and their purses by asset. */
export function netOfActors({ net, actors, purses }: Story): Map<Asset, bigint> {
  const sum = new Map<Asset, bigint>();
  for (const holder of [...actors, ...purses])
    for (const [asset, amount] of net.get(holder) ?? []) sum.set(asset, (sum.get(asset) ?? 0n) + amount);
  return sum;
}

/** Who ends with more of anything; found for all at once, since one party may be asked about thousands of times. */
export const gainersOf = oncePer(
  ({ net }: Story): ReadonlySet<Address> =>
    new Set([...net].flatMap(([a, own]) => ([...own.values()].some((n) => n > 0n) ? [a] : []))),
);

/** Whether the actors end with more of anything: who trades to and fro, or puts in and takes out, pays for it. */
export function hasGained(story: Story): boolean {
  return [...netOfActors(story).values()].some((amount) => amount > 0n);
}

/** Tokens that were made for as much of the native coin as came in with it, or paid out what was burned of them. */
function wrappedIn(transfers: readonly Transfer[]): Set<Asset> {
  const wrapped = new Set<Asset>(wrappedNative);
  const coins = new Set(
    transfers.flatMap((t) => (t.asset === native ? [`${t.from}>${t.amount}`, `${t.to}<${t.amount}`] : [])),
  );
  for (const { asset, from, to, amount } of transfers) {
    if (from === zeroAddress && coins.has(`${asset}<${amount}`)) wrapped.add(asset);
    if (to === zeroAddress && coins.has(`${asset}>${amount}`)) wrapped.add(asset);
  }
  return wrapped;
}

function netOf(moves: readonly Transfer[]): Map<Address, Map<Asset, bigint>> {
  const net = new Map<Address, Map<Asset, bigint>>();
  const add = (holder: Address, asset: Asset, amount: bigint) => {
    const own = net.get(holder) ?? new Map<Asset, bigint>();
    own.set(asset, (own.get(asset) ?? 0n) + amount);
    net.set(holder, own);
  };
  for (const { asset, from, to, amount } of moves) {
    add(from, asset, -amount);
    add(to, asset, amount);
  }
  return net;
}

/** Loans of which the actors got the money or answered the callback. Others are somebody else's way of doing his business. */
function loansTo(
  actors: ReadonlySet<Address>,
  view: TxView,
  visits: readonly Visit[],
  moves: readonly Transfer[],
): readonly FlashLoan[] {
  const loans = findFlashLoans(view);
  if (loans.length === 0) return loans;
  const lenders = new Set<Address>();
  for (const { from, to } of moves) if (actors.has(to)) lenders.add(from);
  for (const v of visits) if (actors.has(v.context) && flashCallbacks.has(v.selector)) lenders.add(v.frame.from);
  return loans.filter(({ lender }) => lenders.has(lender) || actors.has(lender));
}
