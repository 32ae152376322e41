// What a call tree tells of one transaction, read once for all signs. Works without logs and without state.
import { actorCluster, publicInfrastructure } from "../../model/ActorCluster.ts";
import { type Asset, native, zeroAddress } from "../../model/Asset.ts";
import { type Visit, walk } from "../../model/CallTree.ts";
import { type FlashLoan, findFlashLoans, flashCallbacks } from "../../model/FlashLoan.ts";
import type { Address } from "../../model/Hex.ts";
import { selector, selectorOf } from "../../model/KnownSignature.ts";
import { type Transfer, transfersOf } from "../../model/Transfer.ts";
import type { TxView } from "../../model/TxView.ts";

/** One transaction, seen as actors who deal with outsiders. */
export interface Story {
  readonly view: TxView;
  readonly visits: readonly Visit[];
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
  /** Calls by the actors' code into outsiders' that may write and lasted. */
  readonly direct: readonly Visit[];
  /** Who only received and ran no code. */
  readonly purses: ReadonlySet<Address>;
}

/**
 * The readings of `view`, which must have a trace; `watched` are no actors. There is a second one where the contract that
 * was called first only passes the call on: then whoever it passes it to may be the one that acts.
 */
export function storiesOf(view: TxView, watched: ReadonlySet<Address>): readonly Story[] {
  const visits = walk(view.trace!);
  const actors = actorCluster(view, watched);
  for (const v of visits)
    if (isCreation(v) && v.parent !== undefined && !actors.has(v.parent.context)) actors.delete(v.frame.to);
  const led = driversOf(visits, actors).filter((a) => !watched.has(a));
  const first = storyOf(view, visits, actors);
  return led.length === 0 ? [first] : [first, storyOf(view, visits, new Set([...actors, ...led]))];
}

/** Whom the actors lead to by a single call each, payments and transfers apart. */
function driversOf(visits: readonly Visit[], actors: ReadonlySet<Address>): Address[] {
  const led: Address[] = [];
  const all = new Set(actors);
  for (;;) {
    const calls = visits.filter(
      (v) =>
        v.parent !== undefined &&
        !v.reverted &&
        !v.isStatic &&
        v.frame.type === "CALL" &&
        all.has(v.parent.context) &&
        !all.has(v.context) &&
        !plain.has(selectorOf(v.frame.input)),
    );
    const next = calls[0]?.context;
    if (next === undefined || publicInfrastructure.has(next) || calls.some((v) => v.context !== next)) return led;
    all.add(next);
    led.push(next);
  }
}

const plain: ReadonlySet<string> = new Set([
  "0x",
  selector.transfer,
  selector.transferFrom,
  "0x095ea7b3",
  selector.deposit,
  selector.withdraw,
]);

function storyOf(view: TxView, visits: readonly Visit[], actors: ReadonlySet<Address>): Story {
  const made = new Set(visits.flatMap((v) => (!v.reverted && isCreation(v) ? [v.frame.to] : [])));
  const { transfers } = transfersOf(view.tx, view.logs, view.trace);
  const wrapped = wrappedIn(view);
  const moves = transfers.map((t) => (wrapped.has(t.asset) ? { ...t, asset: native } : t));
  const direct = visits.filter(
    (v) =>
      v.parent !== undefined &&
      !v.reverted &&
      !v.isStatic &&
      v.frame.type === "CALL" &&
      actors.has(v.parent.context) &&
      !actors.has(v.context),
  );
  const net = netOf(moves);
  return {
    view,
    visits,
    actors,
    made,
    moves,
    net,
    loans: loansTo(actors, view, visits, moves),
    direct,
    purses: pursesOf(net, visits, actors),
  };
}

export function isCreation({ frame }: Visit): boolean {
  return frame.type === "CREATE" || frame.type === "CREATE2";
}

function pursesOf(net: Story["net"], visits: readonly Visit[], actors: ReadonlySet<Address>): Set<Address> {
  const active = new Set(visits.flatMap((v) => (v.frame.input === "0x" ? [] : [v.context])));
  const purses = new Set<Address>();
  for (const [address, own] of net)
    if (
      address !== zeroAddress &&
      !actors.has(address) &&
      !active.has(address) &&
      [...own.values()].every((n) => n >= 0n)
    )
      purses.add(address);
  return purses;
}

/** Net of the actors and their purses by asset. */
export function netOfActors({ net, actors, purses }: Story): Map<Asset, bigint> {
  const sum = new Map<Asset, bigint>();
  for (const holder of [...actors, ...purses])
    for (const [asset, amount] of net.get(holder) ?? []) sum.set(asset, (sum.get(asset) ?? 0n) + amount);
  return sum;
}

/** Tokens that pay out as much of the native coin as is burned of them, or the other way round. */
function wrappedIn(view: TxView): Set<Asset> {
  const { net } = view.flow();
  const wrapped = new Set<Asset>();
  for (const [token, burned] of net.get(zeroAddress) ?? [])
    if (burned !== 0n && net.get(token as Address)?.get(native) === -burned) wrapped.add(token);
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
  for (const v of visits)
    if (actors.has(v.context) && flashCallbacks.has(selectorOf(v.frame.input))) lenders.add(v.frame.from);
  return loans.filter(({ lender }) => lenders.has(lender) || actors.has(lender));
}
