// What a call tree tells of one transaction, read once for all signs. Works without logs and without state.
import { actorCluster, publicInfrastructure } from "../../model/ActorCluster.ts";
import { type Asset, native, zeroAddress } from "../../model/Asset.ts";
import { type Visit, walk } from "../../model/CallTree.ts";
import { type FlashLoan, findFlashLoans, flashCallbacks, flashFunctions } from "../../model/FlashLoan.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { type Transfer, transfersOf, wrappedNative } from "../../model/Transfer.ts";
import type { TxView } from "../../model/TxView.ts";

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

const read = new WeakMap<TxView, readonly Story[]>();

/**
 * The readings of `view`, which must have a trace; `watched` are no actors. There is a second one where the contract that
 * was called first only passes the call on: then whoever it passes it to may be the one that acts.
 */
export function storiesOf(view: TxView, watched: ReadonlySet<Address>): readonly Story[] {
  let usual = read.get(view);
  if (usual === undefined) {
    usual = readingsOf(view, new Set());
    read.set(view, usual);
  }
  return usual.some(({ actors }) => overlaps(actors, watched)) ? readingsOf(view, watched) : usual;
}

function readingsOf(view: TxView, watched: ReadonlySet<Address>): readonly Story[] {
  const visits = walk(view.trace!);
  const actors = actorCluster(view, watched);
  for (const v of visits)
    if (isCreation(v) && v.parent !== undefined && !actors.has(v.parent.context)) actors.delete(v.frame.to);
  const root = visits[0]!;
  const receiver = flashFunctions.has(root.selector) ? calledBackBy(root.context, visits, new Set()) : undefined;
  if (receiver !== undefined && receiver !== root.context && actors.has(root.context))
    return loanReadings(actors, root.context, watched.has(receiver) ? undefined : receiver).map((a) =>
      storyOf(view, a),
    );
  const led = driversOf(visits, actors, watched);
  const first = storyOf(view, actors);
  return led.length === 0 ? [first] : [first, storyOf(view, new Set([...actors, ...led]))];
}

/**
 * The sender asks a lender for a loan himself. The lender may be honest, and the receiver the sender's or anybody's; or the
 * sender's own contract goes by the name of a lender, and calls a helper back.
 */
function loanReadings(
  actors: ReadonlySet<Address>,
  lender: Address,
  receiver: Address | undefined,
): ReadonlySet<Address>[] {
  const alone = [...actors].filter((a) => a !== lender);
  if (receiver === undefined) return [new Set(alone)];
  return [new Set(alone), new Set([...alone, receiver]), new Set([...actors, receiver])];
}

function overlaps(some: ReadonlySet<Address>, others: ReadonlySet<Address>): boolean {
  return [...others].some((a) => some.has(a));
}

// Who passes a call on does so once or twice. A chain of contracts is free to make, and each link costs a look at the whole tree.
const mostDrivers = 4;

/**
 * Whom the actors lead to by a single call each, payments and transfers apart. A lender leads to whom it calls back. What is
 * protected leads nowhere: whom it calls, it chose.
 */
function driversOf(visits: readonly Visit[], actors: ReadonlySet<Address>, watched: ReadonlySet<Address>): Address[] {
  const led: Address[] = [];
  const all = new Set(actors);
  const lenders = new Set<Address>();
  for (;;) {
    const calls = visits.filter(
      (v) =>
        v.parent !== undefined &&
        !v.reverted &&
        !v.isStatic &&
        v.frame.type === "CALL" &&
        all.has(v.parent.context) &&
        !all.has(v.context) &&
        !plain.has(v.selector) &&
        !(lenders.has(v.context) && flashFunctions.has(v.selector)),
    );
    const called = calls[0]?.context;
    if (called === undefined || publicInfrastructure.has(called) || calls.some((v) => v.context !== called)) return led;
    if (lenders.has(called) || watched.has(called)) return led;
    const isLender = calls.some((v) => flashFunctions.has(v.selector));
    const next = isLender ? calledBackBy(called, visits, all) : called;
    if (next === undefined || watched.has(next)) return led;
    if (isLender) lenders.add(called);
    all.add(next);
    led.push(next);
    if (led.length > mostDrivers) return [];
  }
}

/** The one contract that a lender calls back. */
function calledBackBy(lender: Address, visits: readonly Visit[], actors: ReadonlySet<Address>): Address | undefined {
  const receivers = new Set<Address>();
  for (const { parent, context, reverted, selector: name } of visits)
    if (!reverted && parent?.context === lender && flashCallbacks.has(name)) receivers.add(context);
  const [only] = receivers;
  return receivers.size === 1 && !actors.has(only!) ? only : undefined;
}

const plain: ReadonlySet<string> = new Set([
  "0x",
  selector.transfer,
  selector.transferFrom,
  "0x095ea7b3",
  selector.deposit,
  selector.withdraw,
]);

/** What is the same whoever the actors are. */
type Facts = Pick<Story, "view" | "visits" | "acts" | "made" | "moves" | "net" | "wrapped" | "active">;

const facts = new WeakMap<TxView, Facts>();

function factsOf(view: TxView): Facts {
  const known = facts.get(view);
  if (known !== undefined) return known;
  const visits = walk(view.trace!);
  const { transfers } = transfersOf(view.tx, view.logs, view.trace);
  const wrapped = wrappedIn(transfers);
  const moves = transfers.map((t) => (wrapped.has(t.asset) ? { ...t, asset: native } : t));
  const [made, active] = [new Set<Address>(), new Set<Address>()];
  for (const visit of visits) {
    if (!visit.reverted && isCreation(visit)) made.add(visit.frame.to);
    if (visit.frame.input !== "0x") active.add(visit.context);
  }
  const acts = visits.filter((v) => !v.reverted && !v.isStatic);
  const found = { view, visits, acts, made, moves, net: netOf(moves), wrapped, active };
  facts.set(view, found);
  return found;
}

function storyOf(view: TxView, actors: ReadonlySet<Address>): Story {
  const known = factsOf(view);
  const { visits, acts, moves, net, active } = known;
  const direct = acts.filter(
    (v) => v.parent !== undefined && v.frame.type === "CALL" && actors.has(v.parent.context) && !actors.has(v.context),
  );
  return {
    ...known,
    actors,
    loans: loansTo(actors, view, visits, moves),
    direct,
    purses: pursesOf(net, visits, active, actors),
  };
}

export function isCreation({ frame }: Visit): boolean {
  return frame.type === "CREATE" || frame.type === "CREATE2";
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
